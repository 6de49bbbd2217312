#!/usr/bin/env bash
# `npm run release:check`: makes all packages and tries each on a bare Debian 12 machine with its own systemd and cron:
# install, a check, the schedule by cron and by timers, uninstall, and nothing left. About 5 minutes, as root on Debian.
# Usage: check.sh [FOLDER]   FOLDER keeps the packages; else they are gone in the end
# ORATIO_RELEASE_CACHE (default /var/tmp/oratio-health-release) keeps the Debian root between runs.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo 'release:check needs root on Debian: it boots machines. Nothing was run.' >&2
  exit 77
fi

cache=${ORATIO_RELEASE_CACHE:-/var/tmp/oratio-health-release}
work=$(mktemp -d /tmp/oratio-release-check.XXXXXX)
release=${1:-$work/release}
kinds=(tarball deb executable)
pids=()
cleanup() {
  trap - EXIT INT TERM
  local pid kind
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for kind in "${kinds[@]}"; do scripts/real/machine.sh stop "$work/$kind" || true; done
  rm -rf --one-file-system "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

scripts/real/packages.sh debootstrap=debootstrap systemd-nspawn=systemd-container nsenter=util-linux pgrep=procps \
  lintian=lintian qemu-aarch64-static=qemu-user-static xz=xz-utils
scripts/package/bare-root.sh "$cache"

echo '== the packages'
node scripts/package/release.mjs "$release"
(cd "$release" && sha256sum --quiet -c SHA256SUMS)
echo '== lintian'
lintian --allow-root --fail-on error,warning,info,override "$release"/*.deb 2>&1 | sed 's/^/  /'

echo '== each on a machine of its own'
for kind in "${kinds[@]}"; do
  scripts/package/try.sh "$kind" "$release" "$work/$kind" "$cache/root" >"$work/$kind.log" 2>&1 &
  pids+=($!)
done
status=0
for i in "${!kinds[@]}"; do
  wait "${pids[$i]}" || status=1
  sed "s/^/  ${kinds[$i]}: /" "$work/${kinds[$i]}.log"
done
echo '== the executable for arm64, by emulation'
scripts/package/try-arm64.sh "$release" "$work" "$cache" || status=1
[ "$status" = 0 ] && echo 'all packages work, and leave nothing behind'
exit "$status"
