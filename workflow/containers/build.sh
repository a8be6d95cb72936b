#!/usr/bin/env bash
# Build an image with the software, from Debian's packages and the wheels of constraints.txt, and try it.
#
#     workflow/containers/build.sh [ARCHIVE]
#
# No image of anybody else is used. As a plain user this needs buildah, mmdebstrap and uidmap with
# ranges in /etc/subuid and /etc/subgid; as root, debootstrap does in place of mmdebstrap.
# ARCHIVE is written in the form that Docker, podman and apptainer load.
set -euo pipefail
archive=$(realpath -m "${1:-epilepsy-pgx.tar}")
here=$(dirname "$(realpath "$0")")
source=$(realpath "$here/../..")
suite=${SUITE:-bookworm}
packages=python3,python3-venv,ca-certificates,bash,coreutils,findutils,sed

stop() {
  echo "build.sh: $1" >&2
  exit 2
}
command -v buildah >/dev/null || stop "buildah not found: install the package buildah"
command -v python3 >/dev/null || stop "python3 not found: install the package python3-venv"

work=$(mktemp -d)
container=
clean() {
  [ -z "$container" ] || buildah rm "$container" >/dev/null
  rm -rf "$work" 2>/dev/null || buildah unshare rm -rf "$work"
}
trap clean EXIT

if command -v mmdebstrap >/dev/null; then
  mmdebstrap --quiet --variant=minbase --include="$packages" "$suite" "$work/base.tar"
elif [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then
  debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" >/dev/null
  tar -C "$work/root" --exclude=./dev --exclude=./var/cache/apt/archives -cf "$work/base.tar" .
  rm -rf "$work/root"
else
  stop "mmdebstrap not found: install it, or debootstrap and run this as root"
fi

# The image's Python is Debian's: wheels are fetched out here by the same version of Python.
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  -c "$source/constraints.txt" pip setuptools wheel
"$work/venv/bin/python" -m pip wheel --quiet --disable-pip-version-check \
  -c "$source/constraints.txt" -w "$work/wheels" "$source[all]"
cp "$here/Containerfile" "$work/"

export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
buildah build --quiet --tag localhost/epilepsy-pgx -f "$work/Containerfile" "$work" >/dev/null
container=$(buildah from localhost/epilepsy-pgx)
echo "In the image: $(buildah run "$container" -- epilepsy-pgx --version)"
buildah run "$container" -- sh -c '[ "$(id -u)" != 0 ] && epilepsy-pgx selftest'
rm -f "$archive"
buildah push --quiet localhost/epilepsy-pgx "docker-archive:$archive:epilepsy-pgx:latest"
echo "Written: $archive"
