#!/usr/bin/env bash
# `npm run test:e2e`: the built program against a real Docker Engine, systemd and cron, on a Debian machine as root.
# Installs what is missing, starts all of it privately below a temp folder, and stops just what it started.
# Arguments go to vitest: scripts/e2e.sh docker -t leaking
# Without any, what takes real minutes of a leak runs beside all else, on an engine of its own.
# ORATIO_E2E_CACHE (default /var/tmp/oratio-health-e2e) keeps the Debian root between runs.
set -euo pipefail
cd "$(dirname "$0")/.."

. scripts/real/debian-root.sh test:e2e 'it starts a Docker Engine, a systemd machine and cron'

cache=${ORATIO_E2E_CACHE:-/var/tmp/oratio-health-e2e}
export ORATIO_E2E_WORK
ORATIO_E2E_WORK=$(mktemp -d /tmp/oratio-e2e.XXXXXX)
work=$ORATIO_E2E_WORK
tests= leak=
cleanup() {
  trap - EXIT INT TERM
  if [ -n "$tests$leak" ]; then kill $tests $leak 2>/dev/null || true; fi
  scripts/real/machine.sh stop "$work/machine" || true
  scripts/real/podman.sh stop "$work/podman" || true
  if [ -d "$work/engine-of-leak" ]; then scripts/real/dockerd.sh stop "$work/engine-of-leak" || true; fi
  scripts/real/dockerd.sh stop "$work/engine" || true
  if [ "${ORATIO_E2E_KEEP:-}" = 1 ]; then echo "kept $work"; else rm -rf --one-file-system "$work"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Built apart: the machine below holds on to this folder, and dist/ may be made anew meanwhile.
program=$work/program
mkdir "$program"
cp -r bin package.json "$program/"
# koffi, which is optional, is found there by what runs on this host and not in the machine: both ways are tried.
ln -s "$PWD/node_modules" "$program/node_modules"
node scripts/build.mjs "$program/dist"
export ORATIO_E2E_PROGRAM=$program/bin/oratio-health.js

scripts/real/packages.sh dockerd=docker.io docker-init=tini cron=cron debootstrap=debootstrap systemd-nspawn=systemd-container \
  nsenter=util-linux setpriv=util-linux pgrep=procps curl=curl podman=podman msmtp=msmtp bindfs=bindfs \
  chromium=chromium zsh=zsh fish=fish
scripts/real/root.sh "$cache"

node=$(readlink -f "$(command -v node)")
# A port that is free now; the engine listens there too, for DOCKER_HOST=tcp://.
port=$(node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
export ORATIO_E2E_ENGINE_SOCKET ORATIO_E2E_ENGINE_TCP="tcp://127.0.0.1:$port" ORATIO_E2E_IMAGE=oratio-e2e:1
import_image() {
  curl -sf --max-time 120 --unix-socket "$1" -H 'Content-Type: application/x-tar' \
    --data-binary "@$cache/image.tar" "http://engine/images/create?fromSrc=-&repo=oratio-e2e&tag=1" >/dev/null
}
ORATIO_E2E_ENGINE_SOCKET=$(DOCKERD_TCP=$port scripts/real/dockerd.sh start "$work/engine")
import_image "$ORATIO_E2E_ENGINE_SOCKET"
echo "Docker Engine at $ORATIO_E2E_ENGINE_SOCKET"

# Podman needs more of the kernel than a container or a sandbox mostly gives.
if ORATIO_E2E_PODMAN_SOCKET=$(scripts/real/podman.sh start "$work/podman" "$cache/image.tar" "$ORATIO_E2E_IMAGE"); then
  export ORATIO_E2E_PODMAN_SOCKET
  echo "podman at $ORATIO_E2E_PODMAN_SOCKET"
else
  echo 'podman does not run here: its test is skipped'
fi

export ORATIO_E2E_MACHINE_PID
ORATIO_E2E_MACHINE_PID=$(scripts/real/machine.sh start "$work/machine" "$cache/root" \
  "$node:/usr/bin/node" "$program:/opt/oratio-health")
echo "systemd machine with init $ORATIO_E2E_MACHINE_PID"

# In the background, so that a signal ends the wait and not only the next step.
if [ $# -gt 0 ]; then
  node_modules/.bin/vitest run --config vitest.e2e.config.mts "$@" &
  tests=$!
  wait "$tests"
  exit
fi
socket=$(scripts/real/dockerd.sh start "$work/engine-of-leak")
import_image "$socket"
ORATIO_E2E_ENGINE_SOCKET=$socket node_modules/.bin/vitest run --config vitest.e2e.config.mts leak >"$work/leak.out" 2>&1 &
leak=$!
node_modules/.bin/vitest run --config vitest.e2e.config.mts --exclude test/e2e/leak.test.ts &
tests=$!
status=0
wait "$tests" || status=$?
wait "$leak" || status=$?
cat "$work/leak.out"
exit "$status"
