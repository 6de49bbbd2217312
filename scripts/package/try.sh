#!/usr/bin/env bash
# Tries one package on a bare Debian machine that boots for it: install, a check, the schedule by cron and by timers,
# upgrade, uninstall; the list of all files is the same before and after.
# Usage: try.sh tarball|deb|executable RELEASE DIR ROOT     (DIR is made; scripts/real/machine.sh stop DIR ends it)
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1 release=$(realpath "$2") dir=$3 root=$4

say() { printf '%s %s\n' "$(date +%T)" "$*"; }
fail() { say "FAILED: $*"; exit 1; }
inside() {
  nsenter -t "$init" -a -- /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c "$1"
}
# Every file but of kernel and boot and what journald and the packages' own logs write; the content of /etc, too.
files() {
  inside 'find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /var/log/journal -o -path /tmp \) -prune -o -print | sort
    find /etc -xdev -type f -exec sha256sum {} + | sort -k 2'
}
# until SECONDS WHAT COMMAND: asked for every second.
until_true() {
  local i
  for ((i = 0; i < $1; i++)); do
    if inside "$3" >/dev/null 2>&1; then return; fi
    sleep 1
  done
  inside 'journalctl -b -n 30 --no-pager; tail -n 20 /var/log/oratio-health/*.log' || true
  fail "not within $1 s: $2"
}
# A verdict on this machine is 0 to 3; `upto 0`: it has to be well.
upto() {
  local status=0
  inside "$2" >"$dir/out" 2>&1 || status=$?
  [ "$status" -le "$1" ] || { cat "$dir/out"; fail "status $status: $2"; }
}

export ORATIO_MACHINE_NAME=oratio-release-$kind
binds=("$release:/opt/release")
# Node where it has to be there, as a user has it; and npm, for the tarball alone.
node=$(readlink -f "$(command -v node)")
if [ "$kind" != executable ]; then binds+=("$node:/usr/bin/node"); fi
if [ "$kind" = tarball ]; then binds+=("$(npm root -g)/npm:/usr/lib/node_modules/npm"); fi
init=$(scripts/real/machine.sh start "$dir" "$root" "${binds[@]}")

dummy_nodejs() {
  mkdir -p "$dir/nodejs/DEBIAN"
  printf '%s\n' 'Package: nodejs' "Version: $(node -p process.versions.node)-1nodesource1" 'Architecture: all' \
    'Maintainer: nobody <nobody@oratio-health.invalid>' 'Description: stands for a package of Node' \
    >"$dir/nodejs/DEBIAN/control"
  dpkg-deb --root-owner-group --build "$dir/nodejs" "$dir/root/srv/nodejs.deb" >/dev/null
}
# The same package, one revision later.
next_deb() {
  dpkg-deb -R "$release"/oratio-health_*.deb "$dir/next"
  sed -i 's/^\(Version: .*-\)1$/\12/' "$dir/next/DEBIAN/control"
  dpkg-deb --root-owner-group -Znone --build "$dir/next" "$dir/root/srv/next.deb" >/dev/null
}
install_it() {
  case $kind in
    tarball) inside 'node /usr/lib/node_modules/npm/bin/npm-cli.js install -g --offline --cache /run/npm /opt/release/oratio-health-*.tgz' ;;
    deb) inside 'dpkg -i /opt/release/oratio-health_*.deb' ;;
    executable) inside 'install -m 755 /opt/release/oratio-health-*-linux-x64 /usr/local/bin/oratio-health' ;;
  esac
}
remove_it() {
  case $kind in
    tarball) inside 'node /usr/lib/node_modules/npm/bin/npm-cli.js uninstall -g --cache /run/npm oratio-health' ;;
    deb) inside 'dpkg -P oratio-health' ;;
    executable) inside 'rm /usr/local/bin/oratio-health' ;;
  esac
}

inside 'systemctl is-active cron' >/dev/null || fail 'no cron runs in the machine'
if [ "$kind" = deb ]; then
  dummy_nodejs
  if inside 'dpkg -i /opt/release/oratio-health_*.deb' >/dev/null 2>&1; then fail 'it does not ask for Node'; fi
  inside 'dpkg -P oratio-health && dpkg -i /srv/nodejs.deb' >/dev/null
  next_deb
fi
if [ "$kind" = executable ] && inside 'command -v node' >/dev/null; then fail 'there is a Node'; fi
files >"$dir/before"

install_it >"$dir/out" 2>&1 || { cat "$dir/out"; fail 'it cannot be installed'; }
if grep -q 'install-scripts.*oratio-health' "$dir/out"; then fail 'npm finds scripts in it'; fi
[ "$(inside 'oratio-health --version')" = "$(node -p 'require("./package.json").version')" ] || fail '--version'
upto 3 'oratio-health check'
upto 3 'oratio-health check -v --json'
node -e '
  const document = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
  if (document.schema !== "oratio-health/check@1") throw new Error(`schema ${document.schema}`)
  console.log(`check: ${document.status}, ${document.services.length} services`)' "$dir/out"
upto 0 'oratio-health report -o /tmp/report.html && grep -q "</html>" /tmp/report.html'
upto 0 'oratio-health completion bash | bash -n'
if [ "$kind" != executable ]; then inside 'test -s /usr/share/man/man1/oratio-health.1*' || fail 'no manual page'; fi
inside 'mkdir /tmp/old && touch -d "2 days ago" /tmp/old/a && touch /tmp/old/b'
upto 0 'oratio-health cleanup-tmp /tmp/old --older-than 1d --by mtime'
[ "$(inside 'ls /tmp/old')" = b ] || fail 'cleanup-tmp has not removed what is old, or more'
say "installed: $(inside 'oratio-health --version'), a check, a report"

upto 1 'oratio-health install --scheduler cron'
grep -q 'started by cron' "$dir/out" || { cat "$dir/out"; fail 'install by cron'; }
# With processes of its own, which the executable starts by itself; cron's minute passes meanwhile.
if [ "$kind" = executable ]; then
  upto 0 'oratio-health demo'
  say 'the demo is played'
fi
# What is in the log from now on is of a check that cron has started.
inside 'rm /var/log/oratio-health/health_*.log'
until_true 100 'a check that cron has started' \
  'journalctl -q --no-pager -t CRON | grep -q "oratio-health check" && grep -qs "INFO\|WARN\|CRIT" /var/log/oratio-health/health_*.log'
upto 3 'oratio-health status --json'
say 'cron runs it'

if [ "$kind" = deb ]; then
  inside 'echo "# mine" >>/etc/oratio-health/config.yaml; cat /etc/oratio-health/config.yaml /etc/cron.d/oratio-health' >"$dir/kept"
  inside 'dpkg -i /srv/next.deb' >"$dir/out" 2>&1 || { cat "$dir/out"; fail 'it cannot be upgraded'; }
  inside 'cat /etc/oratio-health/config.yaml /etc/cron.d/oratio-health' | cmp -s - "$dir/kept" || fail 'the upgrade has changed config or schedule'
  upto 3 'oratio-health check'
  say 'an upgrade keeps config, schedule and state'
fi

upto 1 'oratio-health install --scheduler systemd --every 10s'
inside 'test ! -e /etc/cron.d/oratio-health' || fail 'the line of cron is still there'
until_true 60 'two checks by the timer' \
  'test "$(journalctl -q -o cat -u oratio-health-check.service | grep -c Finished)" -ge 2'
[ "$(inside 'systemctl show -p Result --value oratio-health-check.service')" = success ] || fail 'the unit failed'
upto 1 'oratio-health doctor'
say 'timers run it'

if [ "$kind" = deb ]; then
  # Removed, not purged: the schedule goes, config, state and logs stay.
  inside 'dpkg -r oratio-health' >"$dir/out" 2>&1 || { cat "$dir/out"; fail 'it cannot be removed'; }
  inside 'test -e /etc/oratio-health/config.yaml && test -d /var/lib/oratio-health' || fail 'config or state are gone'
  if inside 'ls /etc/systemd/system | grep oratio || systemctl list-units --all --plain --no-legend "oratio-health-*" | grep .'; then
    fail 'the timers are still there'
  fi
  say 'removed: the schedule is gone, config and state are kept'
else
  upto 0 'oratio-health uninstall --purge'
fi
remove_it >"$dir/out" 2>&1 || { cat "$dir/out"; fail 'it cannot be removed'; }
files >"$dir/after"
diff "$dir/before" "$dir/after" || fail 'not as it was before'
say "gone: the $(grep -c '^/' "$dir/before") files are as before"
