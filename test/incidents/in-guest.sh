# Run by the guest of scripts/incidents.sh in /payload, after a line that sets `arguments`.
set -euo pipefail
cp -r program /opt/oratio-health
install -m 755 node /usr/bin/node
docker import image.tar incident:1
cd project
export ORATIO_INCIDENTS_GUEST=1
status=0
node replay.mjs "${arguments[@]}" || status=$?
mkdir ../out
cp docs/incidents.md ../out/
exit "$status"
