#!/usr/bin/env bash
# A network to play in: what the shell inside does to names, addresses and rules, nobody outside notices, and it is
# gone when that shell ends. Needs root.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo "sandbox: needs root: sudo $0" >&2; exit 1; }
command -v unshare >/dev/null || { echo "sandbox: needs unshare (util-linux)" >&2; exit 1; }
# One user for the programs, and names that the sidecar answers.
exec unshare --net --mount --pid --fork --mount-proc bash -c '
  set -e
  ip link set lo up
  ip link add out type veth peer name away
  ip address add 10.77.0.2/24 dev out
  ip link set away up
  ip link set out up
  ip route add default via 10.77.0.1
  resolv=$(mktemp)
  echo "nameserver 127.0.0.1" > "$resolv"
  chmod 644 "$resolv"
  mount --bind "$resolv" /etc/resolv.conf
  rm "$resolv"
  exec "${SHELL:-bash}"
'
