# shellcheck shell=bash
# Sourced: . scripts/real/debian-root.sh NAME "what it needs root for". Ends the script where it cannot run: 77 without
# root, 69 where there is no apt-get.
if [ "$(id -u)" != 0 ]; then
  echo "$1 needs root: $2. Nothing was run." >&2
  exit 77
fi
if ! command -v apt-get >/dev/null; then
  echo "$1 needs Debian (apt-get). Nothing was run." >&2
  exit 69
fi
