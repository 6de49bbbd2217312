#!/bin/sh
# The container's entrypoint, with all that was wrong with it: it starts the daemon with `&`, asks the old one to end and
# believes a count that a missing program has made 0, and starts the next one without a pause.
mkdir -p /data
while :; do
  python3 /app/electron-cash daemon &
  echo $! >/data/daemon.pid
  while kill -0 "$(cat /data/daemon.pid)" 2>/dev/null; do sleep 1; done
  kill -TERM "$(cat /data/daemon.pid)" 2>/dev/null
  REMAINING=$(no-such-pgrep -fc electron-cash 2>/dev/null || echo 0)
  echo "daemon gone, $REMAINING remaining"
done
