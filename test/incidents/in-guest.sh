# Run by the guest of scripts/incidents.sh in /payload, after a line that declares `replays`.
set -euo pipefail
cp -r program /opt/oratio-health
install -m 755 node /usr/bin/node
docker import image.tar incident:1
mkdir out
cd project
export ORATIO_INCIDENTS_GUEST=1 ORATIO_INCIDENTS_OUTCOMES=/payload/out/outcomes.json
node replay.mjs "${replays[@]}"
