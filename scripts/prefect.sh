#!/usr/bin/env bash
# Runs a command beside a real Prefect 3 server:
#
#   scripts/prefect.sh cargo test --test jobs engines::
#   scripts/prefect.sh --install
#
# Prefect comes from PyPI into target/engines/prefect, once. The server listens on loopback, keeps
# its data in a folder of its own, and serves a deployment (see scripts/engines/flows.py). The
# command finds it by STEWARD_TEST_PREFECT_URL; STEWARD_TEST_PREFECT_RESTART is a script that stops
# the server and starts it again. Everything is stopped when the command has ended.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/engines/beside.sh
home=$PWD/target/engines/prefect
mkdir -p "$home"

if [ ! -x "$home/venv/bin/prefect" ]; then
  python3 -m venv "$home/venv"
  "$home/venv/bin/pip" install --quiet --disable-pip-version-check 'prefect==3.9.1'
fi

[ "${1:-}" != --install ] || exit 0

port=${STEWARD_TEST_PREFECT_PORT:-$(free_port)}
data=$(mktemp -d "$home/data.XXXXXX")
trap end_all EXIT
export PREFECT_HOME=$data PREFECT_API_URL=http://127.0.0.1:$port/api
export PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1 PREFECT_LOGGING_TO_API_BATCH_INTERVAL=0.5
export PREFECT_RUNNER_POLL_FREQUENCY=2 PREFECT_UI_ENABLED=false PREFECT_SERVER_UI_ENABLED=false

server_script "$home/venv/bin/prefect server start --host 127.0.0.1 --port $port" \
  "http://127.0.0.1:$port/api/health"
"$data/server" start
beside flows env -C scripts/engines "$home/venv/bin/python" flows.py
for _ in $(seq 120); do
  if python3 - "$port" <<'PYTHON' 2>/dev/null; then break; fi
import sys, urllib.request as u
request = u.Request(f"http://127.0.0.1:{sys.argv[1]}/api/deployments/count", b"{}", {"content-type": "application/json"})
sys.exit(0 if int(u.urlopen(request, timeout=2).read()) >= 1 else 1)
PYTHON
  kill -0 "${groups[0]}" 2>/dev/null || { cat "$data/flows.log" >&2; exit 1; }
  sleep 0.5
done

export STEWARD_TEST_PREFECT_URL=http://127.0.0.1:$port
export STEWARD_TEST_PREFECT_RESTART=$data/server
"$@"
