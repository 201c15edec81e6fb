#!/usr/bin/env bash
# Plays the page in a real, headless Chromium, and leaves a picture of every view in
# target/browser/pictures. Needs node with npm, and Chromium: Debian's package, or $CHROMIUM.
#
#     scripts/browser.sh [PROFILE]        release, or debug: which build of steward to use
set -euo pipefail
cd "$(dirname "$0")/.."
program=${STEWARD_PROGRAM:-$PWD/target/${1:-release}/steward}
work=$PWD/target/browser

# The one library, pinned; kept outside the sources.
version=1.56.1
mkdir -p "$work"
if ! [ -e "$work/node_modules/playwright-core/package.json" ] ||
    ! grep -q "\"version\": \"$version\"" "$work/node_modules/playwright-core/package.json"; then
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$work" --no-save --no-audit --no-fund \
        "playwright-core@$version"
fi

# What was learnt is kept between runs.
mkdir -p "$work/models"
[ -e "$work/models/encoder" ] || ln -s "$PWD/models/encoder" "$work/models/encoder"
"$program" parse --models "$work/models" hello > "$work/parse.json"

rm -rf "$work/pictures" "$work/tests"
cp -r tests/web/browser "$work/tests"     # where node finds the library
CHROMIUM=${CHROMIUM:-$(command -v chromium)} STEWARD_ROOT=$PWD STEWARD_MODELS=$work/models \
    STEWARD_PROGRAM=$program PICTURES=$work/pictures node "$work/tests/main.mjs"
