#!/usr/bin/env bash
# build_console.sh [--if-possible]: builds console/ into src/gossamer/console/static, if anything in it has changed.
#
# Node.js and npm are .venv's own. With --if-possible, a console that cannot be built is told, and is no failure:
# everything else works without it.
set -euo pipefail
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}
static=src/gossamer/console/static
say() { printf 'console: %s\n' "$*" >&2; }
PATH="$PWD/$VENV/bin:$PATH"

# What it is built from, as one word; beside the build it says what that was built from.
sources() { find console -path console/node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum; }
now=$(sources)
[ -e "$static/index.html" ] && [ "$(cat "$static/.built-from" 2>/dev/null)" = "$now" ] && exit 0
# npm takes a minute to find that it has no network: not anew before every target of make.
failed="$VENV/.console-failed"
[ "${1:-}" = --if-possible ] && [ -z "${CI:-}" ] && [ -n "$(find "$failed" -mmin -10 2>/dev/null)" ] && exit 0

build() {
  if [ ! -e console/node_modules/.package-lock.json ] || [ console/package-lock.json -nt console/node_modules/.package-lock.json ]; then
    say "installing what it is built with"
    npm --prefix console ci --silent --no-audit --no-fund || return 1
    touch console/node_modules/.package-lock.json
  fi
  say "building"
  npm --prefix console run --silent build -- --logLevel warn || return 1
  printf '%s\n' "$now" >"$static/.built-from"
}
if build; then
  rm -f "$failed"
  exit 0
fi
touch "$failed"
say "could not be built; it needs packages from the npm registry. The rest works without it; 'make console' tries again."
[ "${1:-}" = --if-possible ] && [ -z "${CI:-}" ]
