#!/usr/bin/env bash
# Some hosts with systemd, cron and sshd, each with a root and an address of its own, in a network that nothing else sees:
# machines of systemd-nspawn, joined by veth to a network namespace from which a controller reaches them.
# Usage: hosts.sh root CACHE ROOT            ->  CACHE/ssh-root: the Debian root ROOT with sshd, sudo and Python (once)
#        hosts.sh start DIR ROOT COUNT [SOURCE:TARGET…]
#                                            ->  prints the pid that holds the network; the pairs are mounted read-only
#        hosts.sh stop DIR
# Host N is 198.18.N.2, known by DIR/known_hosts; DIR/key logs in as `ordinary`, who may sudo; DIR/N/init.pid is its init.
# Enter the network by: nsenter -t PID -n COMMAND
set -euo pipefail

usage='usage: hosts.sh root CACHE ROOT | start DIR ROOT COUNT [SOURCE:TARGET…] | stop DIR'
verb=${1:?$usage} dir=${2:?$usage}
real=$(dirname "$(readlink -f "$0")")
. "$real/copy-root.sh"
. "$real/end-namespace.sh"

# A root that was used for chroot keeps nothing of it.
make_root() {
  local root=${1:?$usage} made=$dir/ssh-root
  [ -e "$made" ] && return
  echo "making a root with sshd in $dir (once)"
  copy_root "$root" "$made.part"
  if ! chroot "$made.part" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -euc '
    apt-get -q update
    apt-get -q install -y --no-install-recommends openssh-server sudo python3 python3-apt
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /usr/share/doc /usr/share/man
    systemctl enable ssh.service
    echo "ordinary ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ordinary
    rm -f /etc/hostname /usr/local/bin/oratio-health
  ' >"$dir/ssh-root.log" 2>&1; then
    tail -5 "$dir/ssh-root.log" >&2
    exit 1
  fi
  rm "$made.part/usr/sbin/policy-rc.d"
  mv "$made.part" "$made"
}

begin() {
  local root=$1 n=$2 init
  shift 2
  init=$(nsenter -t "$holder" -n env MACHINE_NAME="host$n" MACHINE_OPTIONS=--network-veth \
    "$real/machine.sh" start "$dir/$n" "$root" "$@")
  echo "127.0.0.1 localhost host$n" >"$dir/$n/root/etc/hosts"
  install -d -m 700 -o 1000 -g 1000 "$dir/$n/root/home/ordinary/.ssh"
  install -m 600 -o 1000 -g 1000 "$dir/key.pub" "$dir/$n/root/home/ordinary/.ssh/authorized_keys"
  nsenter -t "$holder" -n ip address add "198.18.$n.1/24" dev "ve-host$n"
  nsenter -t "$holder" -n ip link set "ve-host$n" up
  nsenter -t "$init" -n ip link set lo up
  nsenter -t "$init" -n ip address add "198.18.$n.2/24" dev host0
  nsenter -t "$init" -n ip link set host0 up
}

start() {
  local root=${1:?$usage} count=${2:?$usage} n begun=()
  shift 2
  mkdir -p -m 0700 "$dir"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$dir/key"
  setsid unshare --net sleep infinity >/dev/null 2>&1 </dev/null &
  holder=$!
  echo "$holder" >"$dir/holder.pid"
  for _ in $(seq 100); do
    [ "$(readlink "/proc/$holder/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break
    sleep 0.1
  done
  readlink "/proc/$holder/ns/net" >"$dir/network"
  nsenter -t "$holder" -n ip link set lo up
  for n in $(seq "$count"); do
    begin "$root" "$n" "$@" &
    begun+=($!)
    echo "198.18.$n.2 $(cut -d' ' -f1,2 "$root/etc/ssh/ssh_host_ed25519_key.pub")" >>"$dir/known_hosts"
  done
  for n in "${begun[@]}"; do
    wait "$n" || { stop; exit 1; }
  done
  echo "$holder"
}

stop() {
  local machine stopped=()
  for machine in "$dir"/[0-9]*/; do
    [ -d "$machine" ] || continue
    "$real/machine.sh" stop "${machine%/}" &
    stopped+=($!)
  done
  [ ${#stopped[@]} -eq 0 ] || wait "${stopped[@]}" || true
  # The holder, and what a controller has left behind, as ssh's masters.
  end_namespace net "$(cat "$dir/network" 2>/dev/null || true)"
  rm -rf --one-file-system "$dir"
}

case $verb in
  root) make_root "${3:-}" ;;
  start) start "${@:3}" ;;
  stop) stop ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
