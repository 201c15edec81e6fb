#!/usr/bin/env bash
# Runs a command beside a real Apache Airflow 3:
#
#   scripts/airflow.sh cargo test --test jobs engines::an_airflow_server
#   scripts/airflow.sh --install
#
# Airflow comes from PyPI into target/engines/airflow, once, in the versions that
# scripts/engines/airflow.txt pins. API server, scheduler and DAG processor listen on loopback and
# keep their data in a folder of their own, with one DAG (see scripts/engines/dags). The command
# finds them by STEWARD_TEST_AIRFLOW_URL and the password in STEWARD_TEST_AIRFLOW_PASSWORD;
# STEWARD_TEST_AIRFLOW_RESTART is a script that stops the API server and starts it again. Everything
# is stopped when the command has ended.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/engines/beside.sh
home=$PWD/target/engines/airflow
mkdir -p "$home"

if [ ! -x "$home/venv/bin/airflow" ]; then
  python3 -m venv "$home/venv"
  "$home/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r scripts/engines/airflow.txt
fi

[ "${1:-}" != --install ] || exit 0

port=${STEWARD_TEST_AIRFLOW_PORT:-$(free_port)}
data=$(mktemp -d "$home/data.XXXXXX")
trap end_all EXIT
export PATH=$home/venv/bin:$PATH
export AIRFLOW_HOME=$data AIRFLOW__CORE__DAGS_FOLDER=$PWD/scripts/engines/dags
export AIRFLOW__CORE__LOAD_EXAMPLES=False AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION=False
export AIRFLOW__CORE__PARALLELISM=4 AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=admin:admin
export AIRFLOW__API__HOST=127.0.0.1 AIRFLOW__API__PORT=$port AIRFLOW__API__WORKERS=1
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:$port/execution/
export AIRFLOW__API_AUTH__JWT_SECRET=steward-tests-$RANDOM$RANDOM-$RANDOM$RANDOM-$RANDOM$RANDOM
export AIRFLOW__API__SECRET_KEY=$AIRFLOW__API_AUTH__JWT_SECRET
export AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK=False PYTHONDONTWRITEBYTECODE=1
# On a busy machine the first call of a task takes longer than the five seconds it usually has, and
# a task has to live through the restart of the server.
export AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT=60 AIRFLOW__WORKERS__EXECUTION_API_RETRIES=12

server_script "airflow api-server" "http://127.0.0.1:$port/api/v2/version"
airflow db migrate > "$data/migrate.log" 2>&1 || { cat "$data/migrate.log" >&2; exit 1; }
"$data/server" start
beside scheduler airflow scheduler
beside dag-processor airflow dag-processor
for _ in $(seq 240); do
  if [ -n "$(airflow dags list --output plain 2>/dev/null | grep steward-work)" ]; then break; fi
  sleep 1
done

export STEWARD_TEST_AIRFLOW_URL=http://127.0.0.1:$port
export STEWARD_TEST_AIRFLOW_RESTART=$data/server
STEWARD_TEST_AIRFLOW_PASSWORD=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["admin"])' \
  "$data/simple_auth_manager_passwords.json.generated")
export STEWARD_TEST_AIRFLOW_PASSWORD
"$@"
