#!/usr/bin/env bash
# Makes one Debian 12 root with systemd, cron and python3, and a tar of it to import as a container image.
# Both are kept in the cache folder, so that only the first run pays for them (about a minute).
# Usage: root.sh CACHE   ->  CACHE/root/ and CACHE/image.tar
set -euo pipefail

cache=${1:?usage: root.sh CACHE}
mirror=${ORATIO_E2E_MIRROR:-http://deb.debian.org/debian}

# It is used as root, so nobody else may have put something there.
mkdir -p -m 0700 "$cache"
if [ "$(stat -c %u "$cache")" != 0 ] || [ -L "$cache" ]; then
  echo "$cache belongs to somebody else: remove it, or set ORATIO_E2E_CACHE" >&2
  exit 1
fi
[ -e "$cache/image.tar" ] && exit 0

echo "making a Debian root in $cache (once)"
rm -rf "$cache/root" "$cache/image.tar.part"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,cron,procps,python3-minimal \
  bookworm "$cache/root" "$mirror" >"$cache/debootstrap.log" 2>&1 || {
  tail -5 "$cache/debootstrap.log" >&2
  exit 1
}
rm -rf "$cache"/root/var/cache/apt/archives/*.deb "$cache"/root/var/lib/apt/lists/*
rm -rf "$cache"/root/usr/share/{doc,man,locale,i18n,zoneinfo}
# What cron hands its mail to: one file a letter.
cat >"$cache/root/usr/sbin/sendmail" <<'MAIL'
#!/bin/sh
mkdir -p /var/mail/letters
cat >"$(mktemp /var/mail/letters/XXXXXX)"
MAIL
chmod 755 "$cache/root/usr/sbin/sendmail"
ln -s /opt/oratio-health/bin/oratio-health.js "$cache/root/usr/local/bin/oratio-health"
useradd --root "$cache/root" --uid 1000 --create-home ordinary
# systemd takes a root with no machine-id for a first boot and asks questions.
echo 0123456789abcdef0123456789abcdef >"$cache/root/etc/machine-id"
tar -C "$cache/root" -c . >"$cache/image.tar.part"
mv "$cache/image.tar.part" "$cache/image.tar"
