"""These tests need images and minutes: `make images` builds and runs them, `make test` leaves them out."""

import os

collect_ignore_glob = [] if "GOSSAMER_IMAGES" in os.environ else ["test_*.py"]
