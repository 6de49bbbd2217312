#!/usr/bin/env bash
# What the rescue scripts of the incidents do in one round, written anew: memory and processes of each container, a probe
# of each service, the host's memory, swap, disks and biggest processes, one dated block in a log. To be measured beside
# `oratio-health check`; one `docker stats` for all containers, where those scripts called it for each.
#
#   health-check.sh LOG URL…
log=$1
shift
stamp() { date '+%Y-%m-%d %H:%M:%S'; }
{
  echo "[$(stamp)] memory $(free -m | awk '/^Mem:/ {printf "%d of %d MB", $3, $2}'), swap $(free -m | awk '/^Swap:/ {print $3}') MB"
  echo "[$(stamp)] disk $(df -P / | awk 'NR == 2 {print $5}'), tmp $(du -sm /tmp 2>/dev/null | cut -f1) MB"
  docker stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' | while read -r name used _ _ pids; do
    restarts=$(docker inspect -f '{{.RestartCount}}' "$name")
    echo "[$(stamp)] $name $used, $pids processes, $restarts restarts"
  done
  for url in "$@"; do
    if curl -fsS --max-time 10 -o /dev/null "$url"; then echo "[$(stamp)] $url ok"; else echo "[$(stamp)] $url FAILED"; fi
  done
  ps aux --sort=-rss | head -6 | tail -5
} >>"$log" 2>&1
