#!/usr/bin/env bash
# `npm run test:fleet`: the built program with a real Prometheus, Alertmanager and node_exporter (Debian's packages), on
# loopback, and the Ansible role on three hosts with sshd in a network of their own. As root on Debian: installs what is
# missing, starts all of it privately, and stops just what it started.
# Arguments go to vitest: scripts/fleet.sh rules grafana    (all of it takes some nine minutes: a leak takes real ones)
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/real/debian-root.sh test:fleet 'it installs packages and mounts a small disk'

export ORATIO_E2E_WORK
ORATIO_E2E_WORK=$(mktemp -d /tmp/oratio-fleet.XXXXXX)
work=$ORATIO_E2E_WORK
# Some of it runs as nobody.
chmod 755 "$work"
tests=
cleanup() {
  trap - EXIT INT TERM
  if [ -n "$tests" ] && kill "$tests" 2>/dev/null; then wait "$tests" || true; fi
  # What a test that was cut off has left.
  for folder in "$work"/*/programs; do
    if [ -d "$folder" ]; then scripts/real/prometheus.sh stop "$folder" || true; fi
  done
  for folder in "$work"/ansible-*/hosts; do
    if [ -d "$folder" ]; then scripts/real/hosts.sh stop "$folder" || true; fi
  done
  awk -v below="$work/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r |
    while read -r mounted; do umount -l "$mounted" 2>/dev/null || true; done
  if [ "${ORATIO_FLEET_KEEP:-}" = 1 ]; then echo "kept $work"; else rm -rf --one-file-system "$work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

program=$work/program
mkdir "$program"
cp -r bin package.json "$program/"
node scripts/build.mjs "$program/dist"
export ORATIO_E2E_PROGRAM=$program/bin/oratio-health.js

scripts/real/packages.sh prometheus=prometheus prometheus-alertmanager=prometheus-alertmanager \
  prometheus-node-exporter=prometheus-node-exporter curl=curl setpriv=util-linux \
  ansible=ansible ansible-lint=ansible-lint yamllint=yamllint debootstrap=debootstrap \
  systemd-nspawn=systemd-container nsenter=util-linux pgrep=procps ip=iproute2 ssh-keygen=openssh-client

node_modules/.bin/vitest run --config vitest.fleet.config.mts "$@" &
tests=$!
status=0
wait "$tests" || status=$?
tests=
exit "$status"
