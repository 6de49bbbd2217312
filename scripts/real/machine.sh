#!/usr/bin/env bash
# A machine with a real systemd, journald and D-Bus: a copy of a Debian root, booted as a container.
# Usage: machine.sh start DIR ROOT [SOURCE:TARGET…]   ->  prints the pid of its init; each pair is mounted read-only
#        MACHINE_NAME is its host name, MACHINE_OPTIONS (words) are given to systemd-nspawn
#        machine.sh stop DIR
# Enter it by: nsenter -t PID -a COMMAND
set -euo pipefail

verb=${1:?usage: machine.sh start|stop DIR} dir=${2:?usage: machine.sh start|stop DIR}

inside() { nsenter -t "$1" -a -- /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"; }

start() {
  local root=${1:?usage: machine.sh start DIR ROOT} binds=() pair nspawn init state
  shift
  for pair in "$@"; do binds+=("--bind-ro=$pair"); done
  mkdir -p "$dir"
  cp -a --reflink=auto "$root" "$dir/root"
  [ -z "${MACHINE_NAME:-}" ] || echo "$MACHINE_NAME" >"$dir/root/etc/hostname"
  # Neither registered with nor placed in a unit of the host's systemd, which need not be there.
  setsid systemd-nspawn --quiet -D "$dir/root" --boot --register=no --keep-unit --machine="${MACHINE_NAME:-oratio-e2e}" \
    --private-network --console=pipe ${MACHINE_OPTIONS:-} "${binds[@]}" >"$dir/machine.log" 2>&1 </dev/null &
  nspawn=$!
  echo "$nspawn" >"$dir/nspawn.pid"
  for _ in $(seq 600); do
    kill -0 "$nspawn" 2>/dev/null || break
    init=$(pgrep -P "$nspawn" -x systemd || true)
    if [ -n "$init" ]; then
      state=$(inside "$init" systemctl is-system-running 2>/dev/null || true)
      case $state in running | degraded) echo "$init" | tee "$dir/init.pid"; return ;; esac
    fi
    sleep 0.1
  done
  echo "the machine did not come up (${state:-no init}):" >&2
  tail -5 "$dir/machine.log" >&2
  stop
  exit 1
}

stop() {
  local nspawn init
  nspawn=$(cat "$dir/nspawn.pid" 2>/dev/null || true)
  init=$(cat "$dir/init.pid" 2>/dev/null || true)
  if [ -n "$nspawn" ] && [ "$(cat "/proc/$nspawn/comm" 2>/dev/null)" = systemd-nspawn ]; then
    kill -TERM "$nspawn"
    for _ in $(seq 150); do
      kill -0 "$nspawn" 2>/dev/null || break
      sleep 0.1
    done
    # The init of a pid namespace takes all of it along.
    if kill -0 "$nspawn" 2>/dev/null; then kill -KILL ${init:+"$init"} "$nspawn" 2>/dev/null || true; fi
  fi
  rm -rf --one-file-system "$dir/root"
}

case $verb in
  start) start "${@:3}" ;;
  stop) stop ;;
  *) echo "usage: machine.sh start|stop DIR" >&2; exit 64 ;;
esac
