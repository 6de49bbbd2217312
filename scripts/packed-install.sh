#!/usr/bin/env bash
# Packs the program, installs the tarball into an empty folder as a user would, and runs it there: what is missing in
# `files` or in `dependencies` shows here and nowhere else.
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD

work=$(mktemp -d /tmp/oratio-packed.XXXXXX)
trap 'rm -rf "$work"' EXIT

tarball=$(node scripts/package/npm.mjs "$work")
mkdir "$work/app"
cd "$work/app"
echo '{ "private": true }' >package.json
npm install --no-audit --no-fund --loglevel error "$tarball"
# npm would warn of them at each install.
node -e '
  const { scripts } = require("./node_modules/oratio-health/package.json")
  if (scripts !== undefined) throw new Error(`scripts: ${Object.keys(scripts)}`)'

# Its own folders, so that nothing of this machine's is touched or read.
export ORATIO_STATE_DIR="$work/state" ORATIO_LOG_DIR="$work/log" XDG_CONFIG_HOME="$work/config"
program=node_modules/.bin/oratio-health

# `upto 3`: a verdict on this machine; `upto 1`: with warnings. Anything above is a fault of the program.
upto() {
  local most=$1 status=0
  shift
  "$@" || status=$?
  [ "$status" -le "$most" ] || { echo "status $status: $*" >&2; exit 1; }
}

[ "$("$program" --version)" = "$(node -p "require('$project/package.json').version")" ]
upto 3 "$program" check -v
upto 3 "$program" check --json >"$work/check.json"
node -e '
  const document = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
  if (document.schema !== "oratio-health/check@1") throw new Error(`schema ${document.schema}`)' "$work/check.json"
# It names a password file that is not here: a warning.
upto 1 "$program" config validate -c "$work/app/node_modules/oratio-health/config.example.yaml"
echo "the packed program runs: $(du -sh "$work/app/node_modules" | cut -f1) installed, tarball $(du -h "$tarball" | cut -f1)"
