#!/usr/bin/env bash
# `npm run test:incidents [-- [--here|--guest] [--record] [REPLAY…]]`: the incidents of docs/incidents.md, replayed. Each
# sets up its broken host for real, and lets the installed schedule of the toolkit act alone. On a Debian machine, as root.
# --here: those that need no whole host, side by side in containers. --guest: all, one after the other, in a guest with
# cgroup v2, which qemu runs. Without either: here, then in the guest.
# --record writes the tables of results into docs/incidents.md.
# Starts all of it privately below a temp folder, and stops just what it started.
# ORATIO_E2E_CACHE (default /var/tmp/oratio-health-e2e) keeps the Debian root and the guest's disk between runs.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/real/debian-root.sh test:incidents 'it starts Docker Engines, systemd machines, cron and a guest'

places=(here guest) replays=() record=
for word in "$@"; do
  case $word in
    --here) places=(here) ;;
    --guest) places=(guest) ;;
    --record) record=1 ;;
    -*) echo "usage: test:incidents [--here|--guest] [--record] [REPLAY…]" >&2; exit 64 ;;
    *) replays+=("$word") ;;
  esac
done
if [ "$(dpkg --print-architecture)" != amd64 ] && [ "${places[*]}" != here ]; then
  echo 'the guest is one for amd64: the replays that need it are left out'
  places=(here)
fi

cache=${ORATIO_E2E_CACHE:-/var/tmp/oratio-health-e2e}
export ORATIO_INCIDENTS_WORK
ORATIO_INCIDENTS_WORK=$(mktemp -d /tmp/oratio-incidents.XXXXXX)
work=$ORATIO_INCIDENTS_WORK
runner=
cleanup() {
  trap - EXIT INT TERM
  if [ -n "$runner" ] && kill "$runner" 2>/dev/null; then wait "$runner" || true; fi
  # What a replay that was cut off has left running: each lies in a folder named for what stops it.
  for part in cron-host machine dockerd; do
    for folder in "$work"/*/"$part"; do
      if [ -d "$folder" ]; then
        # What was made undeletable would keep the root from being removed.
        chattr -R -f -i "$folder/root/var/capture" "$folder/root/var/spool/indexer" 2>/dev/null || true
        "scripts/real/$part.sh" stop "$folder" || true
      fi
    done
  done
  if [ "${ORATIO_INCIDENTS_KEEP:-}" = 1 ]; then echo "kept $work"; else rm -rf --one-file-system "$work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Built apart: the machines hold on to this folder, and dist/ may be made anew meanwhile.
program=$work/program
mkdir "$program"
cp -r bin package.json "$program/"
node scripts/build.mjs "$program/dist"
# Where the program looks for the optional package; a link would lead out of a machine.
if [ -d node_modules/koffi ]; then
  mkdir "$program/node_modules"
  cp -r node_modules/koffi node_modules/@koromix "$program/node_modules/" 2>/dev/null || true
fi
# Each in one file, so that it runs without node_modules as well.
node_modules/.bin/esbuild replay=test/incidents/run.ts record=test/incidents/record.ts --bundle --platform=node \
  --target=node20 --format=esm --out-extension:.js=.mjs --log-level=warning --outdir="$work"

scripts/real/packages.sh debootstrap=debootstrap
scripts/real/root.sh "$cache"
node=$(readlink -f "$(command -v node)")

# Runs to its end; in the background, so that a signal ends the wait and not only the next step. The worst status stays.
status=0
runs() {
  local ended=0
  "$@" &
  runner=$!
  wait "$runner" || ended=$?
  runner=
  # 3: none of what was asked for is for this place, so the other is to have it.
  if [ "$ended" = 3 ] && [ ${#places[@]} -gt 1 ]; then ended=0; fi
  if [ "$ended" -gt "$status" ]; then status=$ended; fi
}

record_of() {
  if [ -n "$record" ] && [ -e "$2" ]; then node "$work/record.mjs" "$1" "$2"; fi
}

here() {
  scripts/real/packages.sh dockerd=docker.io docker-init=tini cron=cron systemd-nspawn=systemd-container \
    nsenter=util-linux pgrep=procps curl=curl
  export ORATIO_INCIDENTS_PROGRAM=$program ORATIO_INCIDENTS_ROOT=$cache/root ORATIO_INCIDENTS_IMAGE=$cache/image.tar
  export ORATIO_INCIDENTS_NODE=$node ORATIO_INCIDENTS_OUTCOMES=$work/outcomes.json
  runs node "$work/replay.mjs" "${replays[@]}"
  record_of 'this host' "$work/outcomes.json"
}

guest() {
  scripts/real/packages.sh qemu-system-x86_64=qemu-system-x86 mke2fs=e2fsprogs debugfs=e2fsprogs
  scripts/real/guest.sh build "$cache/guest" "$cache/root"
  local payload=$work/payload
  mkdir -p "$payload/project/test"
  cp -r "$program" "$node" "$cache/image.tar" "$payload/"
  cp -r "$work/replay.mjs" examples "$payload/project/"
  cp -r test/incidents "$payload/project/test/"
  {
    declare -p replays
    cat test/incidents/in-guest.sh
  } >"$payload/run.sh"
  # All five take an hour and more, on two cores that are emulated.
  GUEST_MEMORY_MIB=2048 GUEST_SECONDS=9000 runs scripts/real/guest.sh run "$cache/guest" "$payload"
  record_of 'the guest' "$payload/out/outcomes.json"
}

# 64: a replay that there is not, which the guest does not have either.
for place in "${places[@]}"; do [ "$status" = 64 ] || "$place"; done
exit "$status"
