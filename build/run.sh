#!/usr/bin/env bash
# Opens the window; without a display, or without a window in the binary, serves.
set -euo pipefail
binary=$1
serve() { # why not the window
  echo "$1: serving instead. Open the address below in a browser on this machine"
  echo "(from another one: ssh -L 8765:127.0.0.1:8765 this-machine, then open it there). Ctrl-C ends it."
  exec "$binary" serve
}
if [[ $(uname) == Linux && -z ${DISPLAY:-} && -z ${WAYLAND_DISPLAY:-} ]]; then
  serve "There is no display here, so no window"
fi
if [[ $(uname) == Linux ]] && ! pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null; then
  serve "This build has no window"
fi
exec "$binary"
