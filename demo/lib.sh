# What the demo scripts share. They change nothing anywhere: they print what a real script would do, and take some
# seconds over it. Sourced by each of them:
#
#     . "${0%/*}/lib.sh"
#     options "$@"          # --to-version 2.1 becomes $opt_to_version
#     steps 3               # how many `step` will follow
#
# Values are data: they stand in quotes everywhere, and nothing is ever evaluated.

set -eu

trap 'echo "cancelled: nothing further is done" >&2; exit 143' TERM INT

# options --NAME VALUE ...: each value in a variable $opt_NAME. What follows a name is its value, even if it begins
# with dashes itself.
options() {
    while [ $# -gt 0 ]; do
        name=${1#--}
        case $name in
            "$1" | '' | *[!a-z-]*) fail "unknown option: $1" ;;
        esac
        [ $# -ge 2 ] || fail "--$name needs a value"
        export "opt_$(printf '%s' "$name" | tr - _)=$2"
        shift 2
    done
}

steps() {
    all=$1
    now=0
}

# step TEXT: the next step, with a second's work.
step() {
    now=$((now + 1))
    printf '::progress %s/%s %s::\n' "$now" "$all" "$1"
    pause
}

# pause [SECONDS]: STEWARD_DEMO_SPEED=0 makes it instant, for tests.
pause() {
    [ "${STEWARD_DEMO_SPEED:-1}" = 0 ] || sleep "${1:-1}"
}

say() { printf '%s\n' "$1"; }

# metric NAME VALUE [UNIT]: a figure for the report.
metric() { printf '::metric %s=%s%s::\n' "$1" "$2" "${3:+ $3}"; }

# target NAME ok, or target NAME failed REASON: how it went on one of several targets.
target() { printf '::target %s %s%s::\n' "$1" "$2" "${3:+ $3}"; }

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

# reach HOST: every script that works on a host finds web-13 out of order.
reach() {
    say "connecting to $1"
    [ "$1" != web-13 ] || { target "$1" failed "unreachable"; fail "$1: no route to host"; }
}

# earlier A B: whether a date-time in the form 2025-03-12T15:00 lies before another one.
earlier() {
    [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort | head -n 1)" = "$1" ]
}

# in_order START END: a span of time must not end before it starts.
in_order() {
    ! earlier "$2" "$1" || fail "the end is before the start: $1 to $2"
}

# later WHEN: says that a job is put off, where a time was given.
later() {
    [ -z "$1" ] || say "would wait until $1; this demo goes on at once"
}
