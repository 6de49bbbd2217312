#!/usr/bin/env bash
# Runs the arm64 executable by qemu, with the libraries of an arm64 Debian that are unpacked and never run.
# Usage: try-arm64.sh RELEASE WORK CACHE
set -euo pipefail
release=$1 work=$2 cache=$3
mirror=${ORATIO_E2E_MIRROR:-http://deb.debian.org/debian}

if [ ! -e "$cache/arm64" ]; then
  rm -rf "$cache/arm64.part"
  debootstrap --foreign --arch=arm64 --variant=minbase --extractor=dpkg-deb bookworm "$cache/arm64.part" "$mirror" \
    >"$cache/arm64.log" 2>&1 || { tail -5 "$cache/arm64.log" >&2; exit 1; }
  rm -rf "$cache"/arm64.part/var/cache/apt/archives/*.deb
  mv "$cache/arm64.part" "$cache/arm64"
fi
program=$(echo "$release"/oratio-health-*-linux-arm64)
export ORATIO_STATE_DIR=$work/arm64/state ORATIO_LOG_DIR=$work/arm64/log XDG_CONFIG_HOME=$work/arm64/config
run() { qemu-aarch64-static -L "$cache/arm64" "$program" "$@"; }
[ "$(run --version)" = "$(node -p 'require("./package.json").version')" ]
status=0
run check -v --json >"$work/arm64.json" || status=$?
[ "$status" -le 3 ]
node -e '
  const { schema } = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
  if (schema !== "oratio-health/check@1") throw new Error(`schema ${schema}`)' "$work/arm64.json"
echo "  --version, check -v --json: status $status"
