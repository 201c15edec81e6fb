#!/usr/bin/env bash
# Plays the page in a real, headless Chromium, and leaves a picture of every view in
# target/browser/pictures. Needs node with npm, and Chromium: Debian's package, or $CHROMIUM.
#
#     scripts/browser.sh [PROFILE]        release, or debug: which build of steward to use
set -euo pipefail
cd "$(dirname "$0")/.."
program=${STEWARD_PROGRAM:-$PWD/target/${1:-release}/steward}
work=$PWD/target/browser

# What drives the browser, and what checks the pages; pinned, and kept outside the sources.
libraries="playwright-core@1.56.1 axe-core@4.14.1"
mkdir -p "$work"
if [ "$(cat "$work/libraries" 2> /dev/null)" != "$libraries" ]; then
    # shellcheck disable=SC2086  # several words
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$work" --no-save --no-audit --no-fund $libraries
    echo "$libraries" > "$work/libraries"
fi

# What was learnt is kept between runs.
mkdir -p "$work/models"
[ -e "$work/models/encoder" ] || ln -s "$PWD/models/encoder" "$work/models/encoder"
"$program" parse --models "$work/models" hello > "$work/parse.json"

rm -rf "$work/pictures" "$work/tests"
cp -r tests/web/browser "$work/tests"     # where node finds the library
CHROMIUM=${CHROMIUM:-$(command -v chromium)} STEWARD_ROOT=$PWD STEWARD_MODELS=$work/models \
    STEWARD_PROGRAM=$program PICTURES=$work/pictures node "$work/tests/main.mjs"
