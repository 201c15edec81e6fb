# What the scripts of engines share; to be sourced. $data is the folder of their data.

# A port that nobody listens on.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Makes the script $data/server, which starts, stops and restarts the server: $1 is its command,
# $2 an address that answers once it is there.
server_script() {
  cat > "$data/server" <<SERVER
#!/usr/bin/env bash
# server start|stop|restart
set -eu
case \$1 in
  start)
    setsid $1 > "$data/server.log" 2>&1 &
    echo \$! > "$data/server.pid"
    for _ in \$(seq 480); do
      if python3 -c 'import sys,urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' "$2" 2>/dev/null; then
        exit 0
      fi
      sleep 0.5
    done
    echo "the server does not answer; see $data/server.log" >&2
    exit 1;;
  stop)
    kill -- -"\$(cat "$data/server.pid")" 2>/dev/null || true
    for _ in \$(seq 60); do kill -0 "\$(cat "$data/server.pid")" 2>/dev/null || exit 0; sleep 0.25; done
    kill -9 -- -"\$(cat "$data/server.pid")" 2>/dev/null || true;;
  restart) "\$0" stop; "\$0" start;;
esac
SERVER
  chmod +x "$data/server"
}

# Runs a command beside the server, until this script ends; its output goes to $data/$1.log.
groups=()
beside() {
  local log=$data/$1.log
  shift
  setsid "$@" > "$log" 2>&1 &
  groups+=($!)
}

# Ends everything that was begun. STEWARD_TEST_KEEP keeps the data.
end_all() {
  for group in "${groups[@]}"; do kill -- -"$group" 2>/dev/null || true; done
  [ ! -e "$data/server.pid" ] || "$data/server" stop
  for group in "${groups[@]}"; do kill -9 -- -"$group" 2>/dev/null || true; done
  [ -n "${STEWARD_TEST_KEEP:-}" ] || rm -rf "$data"
}
