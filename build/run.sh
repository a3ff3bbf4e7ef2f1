#!/usr/bin/env bash
# Opens the window; without a display, or without a window in the binary, serves.
set -euo pipefail
binary=$1
if [[ $(uname) == Linux && -z ${DISPLAY:-} && -z ${WAYLAND_DISPLAY:-} ]]; then
  echo "There is no display here, so no window: serving instead. Open the address below in a browser."
  exec "$binary" serve
fi
if ! pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null && [[ $(uname) == Linux ]]; then
  echo "This build has no window: serving instead. Open the address below in a browser."
  exec "$binary" serve
fi
exec "$binary"
