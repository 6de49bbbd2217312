#!/usr/bin/env bash
# Installs the Debian packages whose command is missing, without letting them start a service.
# Usage: packages.sh COMMAND=PACKAGE…   e.g. packages.sh dockerd=docker.io cron=cron
set -euo pipefail

missing=()
for pair in "$@"; do
  command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

# One at a time: the first to end would take the policy below away from the other.
exec 9<"$0"
flock 9
echo "installing ${missing[*]}"
policy=/usr/sbin/policy-rc.d
made_policy=
# A package's own install script would start its daemon; 101 is "forbidden" (Debian's invoke-rc.d interface).
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  made_policy=1
fi
trap '[ -z "$made_policy" ] || rm -f "$policy"' EXIT

export DEBIAN_FRONTEND=noninteractive
# On a machine that is just booting, something else may be installing: wait for it.
apt_get() { apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
apt_get update >/dev/null
apt_get install -y --no-install-recommends "${missing[@]}" >/dev/null
