#!/usr/bin/env bash
# A private podman with its Docker-like API: own storage, own socket.
# Usage: podman.sh start DIR IMAGE.tar NAME  ->  prints the socket, DIR/podman.sock; IMAGE.tar is there as NAME
#        podman.sh stop DIR
set -euo pipefail

verb=${1:?usage: podman.sh start|stop DIR} dir=${2:?usage: podman.sh start|stop DIR}

private() {
  podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" --storage-driver vfs \
    --cgroup-manager cgroupfs --events-backend file "$@"
}

start() {
  local service
  mkdir -p "$dir"
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -e "${hierarchy%/}/libpod_parent" ] || echo "${hierarchy%/}/libpod_parent"
  done >"$dir/new-cgroups"
  private import "$1" "$2" >/dev/null 2>"$dir/podman.log"
  setsid podman --root "$dir/root" --runroot "$dir/run" --tmpdir "$dir/tmp" --storage-driver vfs \
    --cgroup-manager cgroupfs --events-backend file system service --time 0 "unix://$dir/podman.sock" \
    >>"$dir/podman.log" 2>&1 </dev/null &
  service=$!
  echo "$service" >"$dir/service.pid"
  for _ in $(seq 200); do
    [ -S "$dir/podman.sock" ] && { echo "$dir/podman.sock"; return; }
    kill -0 "$service" 2>/dev/null || break
    sleep 0.1
  done
  tail -5 "$dir/podman.log" >&2
  exit 1
}

stop() {
  local service
  [ -e "$dir/new-cgroups" ] || return 0
  private rm --all --force --time 0 >/dev/null 2>&1 || true
  service=$(cat "$dir/service.pid" 2>/dev/null || true)
  if [ "$(cat "/proc/$service/comm" 2>/dev/null)" = podman ]; then kill "$service"; fi
  while read -r cgroup; do
    rmdir "$cgroup/conmon" "$cgroup" 2>/dev/null || true
  done <"$dir/new-cgroups"
  awk -v below="$dir/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r |
    while read -r mounted; do umount -l "$mounted" 2>/dev/null || true; done
}

case $verb in
  start) start "${3:?IMAGE.tar}" "${4:?NAME}" ;;
  stop) stop ;;
  *) echo "usage: podman.sh start|stop DIR" >&2; exit 64 ;;
esac
