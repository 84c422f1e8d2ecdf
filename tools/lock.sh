#!/usr/bin/env bash
# Compiles requirements/*.txt from pyproject.toml: pinned, hashed, with no index address.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/uv pip compile pyproject.toml --quiet --no-header --universal --python-version 3.11 \
    --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links "$@"
}
compile --extra dev -o requirements/dev.txt
compile --extra server -c requirements/dev.txt -o requirements/server.txt
compile --extra sidecar -c requirements/dev.txt -o requirements/sidecar.txt
compile --extra server --extra aws --extra inject -c requirements/dev.txt -o requirements/control-plane.txt
compile -c requirements/dev.txt -o requirements/route-manager.txt
