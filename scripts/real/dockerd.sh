#!/usr/bin/env bash
# A private Docker Engine: own data, own socket, no network, no trace of it outside DIR.
# Usage: dockerd.sh start DIR   ->  prints the socket, DIR/docker.sock
#        dockerd.sh stop DIR
set -euo pipefail

verb=${1:?usage: dockerd.sh start|stop DIR} dir=${2:?usage: dockerd.sh start|stop DIR}

api() { curl -s --max-time 30 --unix-socket "$dir/docker.sock" "$@"; }

start() {
  mkdir -p "$dir"
  # overlay needs support of the file system below; vfs copies, slowly, but always works.
  local driver=vfs
  mkdir -p "$dir"/probe/{low,up,work,merged}
  if mount -t overlay overlay -o "lowerdir=$dir/probe/low,upperdir=$dir/probe/up,workdir=$dir/probe/work" \
    "$dir/probe/merged" 2>/dev/null; then
    umount "$dir/probe/merged"
    driver=overlay2
  fi
  rm -rf "$dir/probe"
  # The engine leaves its empty parent cgroups behind; those that were not there before are removed in `stop`.
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*/; do
    [ -e "${hierarchy%/}/docker" ] || echo "${hierarchy%/}/docker"
  done >"$dir/new-cgroups"

  # Its own session, so that Ctrl-C reaches the script alone, which then stops it in order.
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" \
    -H "unix://$dir/docker.sock" ${DOCKERD_TCP:+-H "tcp://127.0.0.1:$DOCKERD_TCP"} \
    --storage-driver "$driver" --iptables=false --ip6tables=false --bridge=none --shutdown-timeout 3 \
    >"$dir/dockerd.log" 2>&1 </dev/null &
  local daemon=$!
  echo "$daemon" >"$dir/daemon.pid"
  for _ in $(seq 300); do
    [ "$(api http://engine/_ping 2>/dev/null)" = OK ] && { echo "$dir/docker.sock"; return; }
    kill -0 "$daemon" 2>/dev/null || break
    sleep 0.1
  done
  echo "the Docker Engine did not start:" >&2
  tail -5 "$dir/dockerd.log" >&2
  stop
  exit 1
}

# Ends a process of ours: asks, waits, insists. A pid that is no longer that program is left alone.
end() {
  local pid=$1 name=$2 signal
  for signal in TERM KILL; do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ] || return 0
    kill -s "$signal" "$pid" 2>/dev/null || return 0
    for _ in $(seq 200); do
      kill -0 "$pid" 2>/dev/null || return 0
      sleep 0.1
    done
  done
}

stop() {
  local id containerd
  if [ -S "$dir/docker.sock" ]; then
    for id in $(api 'http://engine/containers/json?all=1' 2>/dev/null | grep -oE '"Id":"[0-9a-f]{64}"' | cut -d'"' -f4); do
      api -X DELETE "http://engine/containers/$id?force=1" >/dev/null 2>&1 || true
    done
  fi
  containerd=$(cat "$dir/exec/containerd/containerd.pid" 2>/dev/null || true)
  [ ! -e "$dir/daemon.pid" ] || end "$(cat "$dir/daemon.pid")" dockerd
  [ -z "$containerd" ] || end "$containerd" containerd
  # What a killed engine leaves mounted; deepest first, all of it below our own folder.
  awk -v below="$dir/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts | sort -r |
    while read -r mounted; do umount -l "$mounted" 2>/dev/null || true; done
  while read -r cgroup; do rmdir "$cgroup" 2>/dev/null || true; done <"$dir/new-cgroups" || true
  rm -rf --one-file-system "$dir/data" "$dir/exec"
}

case $verb in
  start) start ;;
  stop) stop ;;
  *) echo "usage: dockerd.sh start|stop DIR" >&2; exit 64 ;;
esac
