"""The oldest Envoy that the package registry has; `make setup` puts it beside the usual one."""

import sys
from pathlib import Path
from typing import Final

PROGRAM: Final = Path(sys.prefix) / "oldest-envoy" / "envoy" / "_bin" / "envoy"
BUILD: Final = "1.36.2"
