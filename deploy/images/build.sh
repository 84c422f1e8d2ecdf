#!/usr/bin/env bash
# build.sh [IMAGE…]: builds control-plane, sidecar and route-manager with buildah, as localhost/gossamer/IMAGE:VERSION.
#
# BASE_IMAGE    what they stand on; without it a Debian made here with mmdebstrap, so that no registry is needed
# WHEEL         our wheel; without it, one is built from this repository
# BUILDAH_ISOLATION   chroot unless you say otherwise: works without privileges, in containers and in small machines
#
# The same sources, requirements and base give the same image: timestamps are SOURCE_DATE_EPOCH, the last commit's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=${WORK:-$root/build/images}
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}
say() { printf 'images: %s\n' "$*" >&2; }
need() {
  command -v "$1" >/dev/null && return
  say "$1 is missing; on Debian: apt-get install buildah podman crun fuse-overlayfs uidmap mmdebstrap"
  exit 1
}
need buildah
[ -n "${BASE_IMAGE:-}" ] || need mmdebstrap

rm -rf "$work/context"
mkdir -p "$work/context"
cp -r "$root/requirements" "$here/install.sh" "$here/agent" "$work/context/"
# What this machine trusts, the build trusts; it does not stay in the images.
cp /etc/ssl/certs/ca-certificates.crt "$work/context/ca.crt" 2>/dev/null || : >"$work/context/ca.crt"
if [ -n "${WHEEL:-}" ]; then
  cp "$WHEEL" "$work/context/"
else
  # The wheel holds the web console as it is built now.
  bash "$root/tools/build_console.sh"
  (cd "$root" && .venv/bin/python -m hatchling build -t wheel -d "$work/context" >/dev/null)
fi
version=$(basename "$work"/context/gossamer-*.whl | cut -d- -f2)

base=${BASE_IMAGE:-}
if [ -z "$base" ]; then
  base=localhost/gossamer/base:bookworm
  if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    say "making a Debian to stand on"
    # The smallest with apt, and without documentation.
    [ -s "$work/base.tar" ] || mmdebstrap --quiet --variant=minbase \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$work/base.tar"
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$work/base.tar" / >/dev/null
    buildah config --cmd /bin/sh "$container"
    buildah commit --quiet --timestamp "$SOURCE_DATE_EPOCH" "$container" "$base" >/dev/null
    buildah rm "$container" >/dev/null
  fi
fi

for image in "${@:-control-plane sidecar route-manager}"; do
  for name in $image; do
    say "building $name $version"
    buildah build --quiet --format docker --timestamp "$SOURCE_DATE_EPOCH" --build-arg "BASE=$base" \
      --tag "localhost/gossamer/$name:$version" --tag "localhost/gossamer/$name:latest" \
      --file "$here/$name.Containerfile" "$work"
  done
done
