#!/usr/bin/env bash
# A whole host of its own: Debian 12 in qemu, with its own kernel, pure cgroup v2, systemd, journald, cron and Docker.
# Without acceleration, since a /dev/kvm may be there and not work, and without a network. For amd64.
# Usage: guest.sh build DIR ROOT    ->  DIR/{disk.img,vmlinuz,initrd}, once (some two minutes), of the Debian root ROOT
#        guest.sh run DIR FOLDER    ->  boots a fresh copy of DIR's disk and runs FOLDER/run.sh there as root, in /payload,
#          a copy of FOLDER. Prints what it prints, as it comes; FOLDER/out is what it left in /payload/out; ends with its
#          status, or 124 after GUEST_SECONDS (900), or 70 when the guest died. GUEST_MEMORY_MIB (1024) is its RAM.
# Debian's packages, by packages.sh: qemu-system-x86_64=qemu-system-x86 mke2fs=e2fsprogs debugfs=e2fsprogs
set -euo pipefail

usage='usage: guest.sh build DIR ROOT | run DIR FOLDER'
verb=${1:?$usage} dir=${2:?$usage}
. "$(dirname "$(readlink -f "$0")")/copy-root.sh"

build() {
  local root=${1:?$usage} made=$dir/root
  [ -e "$dir/disk.img" ] && return
  echo "making the disk of a guest in $dir (once)"
  mkdir -p -m 0700 "$dir"
  copy_root "$root" "$made"
  if ! chroot "$made" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -euc '
    apt-get -q update
    apt-get -q install -y --no-install-recommends linux-image-cloud-amd64 udev kmod iproute2 docker.io
    rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /usr/share/doc /usr/share/man
    rm /usr/sbin/policy-rc.d /etc/resolv.conf
    systemctl set-default graphical.target
  ' >"$dir/build.log" 2>&1; then
    tail -5 "$dir/build.log" >&2
    exit 1
  fi
  echo guest >"$made/etc/hostname"
  echo '127.0.0.1 localhost guest' >"$made/etc/hosts"
  printf '%s\n' '/dev/vda / ext4 defaults 0 1' '/dev/vdb /payload ext4 defaults 0 2' >"$made/etc/fstab"
  mkdir -p "$made/payload" "$made/etc/docker"
  # Containers share the host's network, which is loopback alone.
  echo '{ "bridge": "none", "iptables": false, "ip6tables": false }' >"$made/etc/docker/daemon.json"
  # Its end is the guest's end. All that boots is up before, so that it finds a host at rest.
  cat >"$made/etc/systemd/system/payload.service" <<'UNIT'
[Unit]
After=multi-user.target docker.service cron.service
RequiresMountsFor=/payload
SuccessAction=poweroff-force
FailureAction=poweroff-force

[Service]
Type=exec
WorkingDirectory=/payload
Environment=HOME=/root
ExecStartPre=/bin/stty -F /dev/ttyS1 raw
ExecStart=/bin/bash run.sh
ExecStopPost=/bin/sh -c 'echo "$EXIT_STATUS" >status; sync'
StandardOutput=file:/dev/ttyS1
StandardError=inherit
OOMPolicy=continue
UNIT
  mkdir -p "$made/etc/systemd/system/graphical.target.wants"
  ln -s /etc/systemd/system/payload.service "$made/etc/systemd/system/graphical.target.wants/"
  cp "$made"/boot/vmlinuz-* "$dir/vmlinuz"
  cp "$made"/boot/initrd.img-* "$dir/initrd"
  mke2fs -q -t ext4 -d "$made" "$dir/disk.img.part" 6G >/dev/null
  rm -rf --one-file-system "$made"
  mv "$dir/disk.img.part" "$dir/disk.img"
}

machine= work=
stop() {
  trap - EXIT INT TERM
  if [ -n "$machine" ] && kill "$machine" 2>/dev/null; then wait "$machine" || true; fi
  rm -rf "$work"
}

run() {
  local folder=${1:?$usage} status=0
  trap stop EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d "$dir/run.XXXXXX")
  rm -rf --one-file-system "$folder/out"
  mke2fs -q -t ext4 -O ^has_journal -d "$folder" "$work/payload.img" 2G >/dev/null
  # In the background, so that a signal ends the wait. The kernel's console is a file, ours the second serial port.
  timeout "${GUEST_SECONDS:-900}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 \
    -m "${GUEST_MEMORY_MIB:-1024}" -display none -monitor none -no-reboot -nic none \
    -kernel "$dir/vmlinuz" -initrd "$dir/initrd" \
    -append 'root=/dev/vda rw console=ttyS0 apparmor=0 mitigations=off quiet systemd.show_status=0 net.ifnames=0' \
    -drive file="$dir/disk.img",format=raw,if=virtio,snapshot=on \
    -drive file="$work/payload.img",format=raw,if=virtio,cache=unsafe \
    -serial file:"$work/console" -serial stdio </dev/null 2>"$work/qemu.log" &
  machine=$!
  wait "$machine" || status=$?
  machine=
  debugfs -R "rdump /out $folder" "$work/payload.img" >/dev/null 2>&1 || true
  if [ "$status" = 0 ]; then status=$(debugfs -R 'cat /status' "$work/payload.img" 2>/dev/null); fi
  case $status in
    124) echo "the guest was stopped after ${GUEST_SECONDS:-900} s" >&2 ;;
    '' | *[!0-9]*)
      echo "the guest ended before its work did:" >&2
      tail -n 20 "$work/qemu.log" "$work/console" >&2
      status=70
      ;;
  esac
  exit "$status"
}

case $verb in
  build) build "${3:-}" ;;
  run) run "${3:-}" ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
