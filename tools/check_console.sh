#!/usr/bin/env bash
# check_console.sh: format, lint, types and unit tests of console/.
#
# On a developer's machine, only where the console has been built (`make setup` does); in CI, always.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}
if [ ! -d console/node_modules ] && [ -z "${CI:-}" ]; then
  echo "console: not set up here, so not checked (make console)"
  exit 0
fi
VENV=$VENV bash tools/build_console.sh
PATH="$PWD/$VENV/bin:$PATH" npm --prefix console run --silent check
