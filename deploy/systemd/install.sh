#!/bin/sh
# install.sh sidecar|control-plane [WHEEL]: installs Gossamer on a Debian or EC2 machine, as services of systemd.
#
# Into /opt/gossamer goes a Python environment with the pinned, hashed requirements and the wheel (else what this
# repository makes); into /etc/gossamer the settings, which an upgrade leaves as they are; then the units.
# DESTDIR=… writes everything under another root, makes no users and starts nothing.
# install.sh --uninstall takes units and programs away, and leaves settings and data.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
dest=${DESTDIR:-}
python=${PYTHON:-python3}
say() { printf 'install: %s\n' "$*"; }

live() { [ -z "$dest" ] && [ -d /run/systemd/system ]; }
units_of() {
  case $1 in
    sidecar) echo gossamer-sidecar.service gossamer-intercept.service ;;
    control-plane) echo gossamer.service ;;
    *) say "say which: sidecar, or control-plane" >&2; exit 2 ;;
  esac
}

if [ "${1:-}" = --uninstall ]; then
  for unit in gossamer-intercept.service gossamer-sidecar.service gossamer.service; do
    if live && [ -e "/etc/systemd/system/$unit" ]; then systemctl disable --now "$unit"; fi
    rm -f "$dest/etc/systemd/system/$unit"
  done
  if live; then systemctl daemon-reload; fi
  rm -rf "$dest/opt/gossamer" "$dest/usr/local/bin/gossamer"
  say "taken away; /etc/gossamer and /var/lib/gossamer are left"
  exit
fi

what=${1:-}
units=$(units_of "$what")
[ -n "$dest" ] || [ "$(id -u)" = 0 ] || { say "only root can install; or set DESTDIR" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { say "Python 3.11 or newer is needed; set PYTHON" >&2; exit 1; }

user() {
  # user NAME UID
  getent passwd "$1" >/dev/null || useradd --system --uid "$2" --user-group --home-dir /nonexistent --no-create-home \
    --shell /usr/sbin/nologin "$1"
  [ "$(id -u "$1")" = "$2" ] || [ "$1" != envoy ] ||
    { say "the user $1 has another number than $2: change APPMESH_IGNORE_UID in /etc/gossamer/sidecar.env" >&2; }
}
if [ -z "$dest" ]; then
  case $what in
    sidecar) user envoy 1337 ;;
    control-plane) user gossamer 10001 ;;
  esac
fi

say "making /opt/gossamer"
mkdir -p "$dest/opt"
"$python" -m venv --clear "$dest/opt/gossamer"
pip="$dest/opt/gossamer/bin/python -m pip --disable-pip-version-check --quiet install"
$pip --require-hashes -r "$root/requirements/$what.txt"
if [ -n "${2:-}" ]; then
  $pip --no-deps "$2"
else
  $pip --no-deps "$root"
fi
if [ -n "$dest" ]; then
  # Programs name the place that they will run in.
  grep -rlF "$dest/opt/gossamer" "$dest/opt/gossamer/bin" | xargs -r sed -i "s|$dest/opt/gossamer|/opt/gossamer|g"
fi
mkdir -p "$dest/usr/local/bin" "$dest/etc/gossamer" "$dest/etc/systemd/system"
ln -sfn /opt/gossamer/bin/gossamer "$dest/usr/local/bin/gossamer"

settings=$dest/etc/gossamer/$what.env
if [ -e "$settings" ]; then
  install -m 0640 "$here/$what.env" "$settings.new"
  say "kept $settings; this version's is $settings.new"
else
  install -m 0640 "$here/$what.env" "$settings"
fi
for unit in $units; do install -m 0644 "$here/$unit" "$dest/etc/systemd/system/$unit"; done
if live; then
  systemctl daemon-reload
  say "installed; edit /etc/gossamer/$what.env, then: systemctl enable --now ${units%% *}"
else
  say "installed under ${dest:-/}"
fi
