#!/usr/bin/env bash
# Draws the icons of all systems from build/icon.svg (needs Chromium and ImageMagick).
# Their output is committed, so that a build needs no drawing program.
set -euo pipefail
cd "$(dirname "$0")"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
printf '<style>*{margin:0}svg{display:block;width:512px;height:512px}</style>%s' "$(cat icon.svg)" >"$profile/icon.html"
chromium --headless --no-sandbox --disable-gpu --user-data-dir="$profile" --window-size=512,512 --hide-scrollbars \
  --default-background-color=00000000 --screenshot="$profile/icon.png" "file://$profile/icon.html" 2>/dev/null
convert "$profile/icon.png" -crop 512x512+0+0 +repage -strip -define png:exclude-chunks=date,time appicon.png
convert appicon.png -define icon:auto-resize=256,128,64,48,32,16 windows/icon.ico
