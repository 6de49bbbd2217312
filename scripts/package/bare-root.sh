#!/usr/bin/env bash
# Makes the Debian 12 root that the packages are tried in: minbase with systemd and cron, and no Node. Kept in the cache
# folder, so that only the first run pays for it (about a minute).
# Usage: bare-root.sh CACHE   ->  CACHE/root/
set -euo pipefail

cache=${1:?usage: bare-root.sh CACHE}
mirror=${ORATIO_E2E_MIRROR:-http://deb.debian.org/debian}

# It is used as root, so nobody else may have put something there.
mkdir -p -m 0700 "$cache"
if [ "$(stat -c %u "$cache")" != 0 ] || [ -L "$cache" ]; then
  echo "$cache belongs to somebody else: remove it, or set ORATIO_RELEASE_CACHE" >&2
  exit 1
fi
[ -e "$cache/root" ] && exit 0

echo "making a bare Debian root in $cache (once)"
rm -rf "$cache/root.part"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,cron bookworm "$cache/root.part" "$mirror" \
  >"$cache/debootstrap.log" 2>&1 || {
  tail -5 "$cache/debootstrap.log" >&2
  exit 1
}
rm -rf "$cache"/root.part/var/cache/apt/archives/*.deb "$cache"/root.part/var/lib/apt/lists/*
# systemd takes a root with no machine-id for a first boot and asks questions.
echo 0123456789abcdef0123456789abcdef >"$cache/root.part/etc/machine-id"
mv "$cache/root.part" "$cache/root"
