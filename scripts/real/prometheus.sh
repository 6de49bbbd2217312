#!/usr/bin/env bash
# Private Prometheus programs on loopback, each on a free port with its data below DIR.
# Usage: prometheus.sh start DIR prometheus|alertmanager|node-exporter [FLAG…]   ->  prints http://127.0.0.1:PORT
#          e.g. prometheus.sh start "$work/prom" prometheus --config.file="$work/prometheus.yml"
# PROMETHEUS_PORT: the port instead, for a program that comes back.
#        prometheus.sh stop DIR     ->  ends all that was started with this DIR
# Debian's packages, by packages.sh: prometheus=prometheus prometheus-alertmanager=prometheus-alertmanager
#   prometheus-node-exporter=prometheus-node-exporter
set -euo pipefail

usage='usage: prometheus.sh start DIR prometheus|alertmanager|node-exporter [FLAG…] | stop DIR'
verb=${1:?$usage} dir=${2:?$usage}

free_port() {
  node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

start() {
  local name=${1:?$usage} program ready url pid
  shift
  local address
  address=127.0.0.1:${PROMETHEUS_PORT:-$(free_port)}
  url=http://$address
  mkdir -p "$dir/$name"
  case $name in
    prometheus)
      program=prometheus ready=$url/-/ready
      set -- --storage.tsdb.path="$dir/$name/data" "$@"
      ;;
    alertmanager)
      program=prometheus-alertmanager ready=$url/-/ready
      # One alone; it would look for a private address of this host to tell its peers.
      set -- --storage.path="$dir/$name/data" --cluster.listen-address= "$@"
      ;;
    node-exporter) program=prometheus-node-exporter ready=$url/ ;;
    *) echo "$usage" >&2; exit 64 ;;
  esac
  # Its own session, so that Ctrl-C reaches the script that called alone, which then stops it in order.
  setsid "$program" --web.listen-address="$address" "$@" >"$dir/$name/log" 2>&1 </dev/null &
  pid=$!
  # When it began, too: a pid alone may be another's by the time of `stop`.
  echo "$pid $(began "$pid")" >"$dir/$name/pid"
  for _ in $(seq 300); do
    if curl -sf --max-time 5 -o "$dir/$name/answer" "$ready" 2>/dev/null; then
      echo "$url"
      return
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "$program did not start:" >&2
  tail -5 "$dir/$name/log" >&2
  stop
  exit 1
}

# When the process began, in the kernel's ticks; nothing when there is none.
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20 || true; }

stop() {
  local file pid ticks signal
  for file in "$dir"/*/pid; do
    [ -e "$file" ] || continue
    read -r pid ticks <"$file"
    for signal in TERM KILL; do
      [ -n "$ticks" ] && [ "$(began "$pid")" = "$ticks" ] || break
      kill -s "$signal" "$pid" 2>/dev/null || break
      for _ in $(seq 100); do
        [ "$(began "$pid")" = "$ticks" ] || break
        sleep 0.1
      done
    done
    rm -rf --one-file-system "$(dirname "$file")/data" "$file"
  done
}

case $verb in
  start) start "${@:3}" ;;
  stop) stop ;;
  *) echo "$usage" >&2; exit 64 ;;
esac
