#!/usr/bin/env bash
# A host with a real cron and no systemd: a copy of a Debian root, entered by chroot in a mount namespace of its own. It
# shares this host's processes and cgroups, so that it sees the containers of an engine that runs here.
# Usage: cron-host.sh start DIR ROOT HOSTNAME [SOURCE:TARGET…]   ->  prints the pid of its cron; pairs are bind mounts
#        cron-host.sh stop DIR
# Enter it by: nsenter -t PID -m -u -r -w COMMAND
set -euo pipefail

usage='usage: cron-host.sh start DIR ROOT HOSTNAME [SOURCE:TARGET…] | stop DIR'
verb=${1:?$usage} dir=${2:?$usage}
. "$(dirname "$(readlink -f "$0")")/end-namespace.sh"

start() {
  local root=${1:?$usage} name=${2:?$usage} cron
  shift 2
  mkdir -p "$dir"
  cp -a --reflink=auto "$root" "$dir/root"
  echo "$name" >"$dir/root/etc/hostname"
  setsid unshare --mount --uts --propagation private -- bash -euc '
    root=$1 name=$2
    shift 2
    hostname "$name"
    mount --bind "$root" "$root"
    for kernel in proc sys dev; do mount --rbind "/$kernel" "$root/$kernel"; done
    mount -t tmpfs tmpfs "$root/run"
    mount -t tmpfs tmpfs "$root/tmp"
    chmod 1777 "$root/tmp"
    mkdir "$root/run/lock"
    mkdir -p "$root/var/mail/letters"
    for pair in "$@"; do
      source=${pair%%:*} target=$root${pair#*:}
      if [ -d "$source" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; touch "$target"; fi
      mount --bind "$source" "$target"
    done
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$root" cron -f
  ' cron-host "$dir/root" "$name" "$@" >"$dir/cron.log" 2>&1 </dev/null &
  cron=$!
  echo "$cron" >"$dir/cron.pid"
  for _ in $(seq 200); do
    kill -0 "$cron" 2>/dev/null || break
    if [ "$(cat "/proc/$cron/comm" 2>/dev/null)" = cron ]; then
      # What it has started lives in this namespace, and is ended with it.
      readlink "/proc/$cron/ns/mnt" >"$dir/namespace"
      echo "$cron"
      return
    fi
    sleep 0.1
  done
  echo 'cron did not start:' >&2
  tail -5 "$dir/cron.log" >&2
  stop
  exit 1
}

stop() {
  end_namespace mnt "$(cat "$dir/namespace" 2>/dev/null || true)"
  rm -rf --one-file-system "$dir/root"
}

case $verb in
  start) start "${@:3}" ;;
  stop) stop ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
