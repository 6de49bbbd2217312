#!/usr/bin/env bash
# `npm run test:incidents [REPLAY…]`: the incidents of docs/incidents.md, replayed. Each sets up its broken host for
# real, and lets the installed schedule of the toolkit act alone. On a Debian machine, as root.
# Starts all of it privately below a temp folder, and stops just what it started.
# --record writes the table of results into docs/incidents.md.
# ORATIO_E2E_CACHE (default /var/tmp/oratio-health-e2e) keeps the Debian root between runs, as for test:e2e.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/real/debian-root.sh test:incidents 'it starts Docker Engines, systemd machines and cron'

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

scripts/real/packages.sh dockerd=docker.io docker-init=tini cron=cron debootstrap=debootstrap \
  systemd-nspawn=systemd-container nsenter=util-linux pgrep=procps curl=curl
scripts/real/root.sh "$cache"

export ORATIO_INCIDENTS_PROGRAM=$program ORATIO_INCIDENTS_ROOT=$cache/root ORATIO_INCIDENTS_IMAGE=$cache/image.tar
export ORATIO_INCIDENTS_NODE
ORATIO_INCIDENTS_NODE=$(readlink -f "$(command -v node)")
# In one file, so that it runs without node_modules as well.
node_modules/.bin/esbuild test/incidents/run.ts --bundle --platform=node --target=node20 --format=esm \
  --log-level=warning --outfile="$work/replay.mjs"

# In the background, so that a signal ends the wait and not only the next step.
node "$work/replay.mjs" "$@" &
runner=$!
status=0
wait "$runner" || status=$?
runner=
exit "$status"
