#!/usr/bin/env bash
# Installs what this machine lacks to build the window and run every test.
#
# As root or with password-less sudo on Debian or Ubuntu it installs the packages
# itself; anywhere else it prints the one line to run and goes on with what is
# possible. With CI set, what is missing is an error: a CI must not skip.
set -euo pipefail
cd "$(dirname "$0")/.."

stamp=.cache/setup-ok
if [[ -f $stamp && $stamp -nt build/setup.sh ]]; then exit 0; fi
mkdir -p .cache

packages=(
  gcc libc6-dev pkg-config git
  libgtk-3-dev libwebkit2gtk-4.1-dev
  xvfb xdotool x11-utils imagemagick dbus-x11 at-spi2-core
  strace iproute2 sqlite3
)
# Ubuntu's chromium package is a stub for snap, so any Chromium at hand will do.
browser() { command -v chromium chromium-browser google-chrome | head -n 1; }

missing() {
  local package
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
  done
}

go_ok() { command -v go >/dev/null; }
node_ok() { command -v node >/dev/null && command -v npm >/dev/null && node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; }

go_ok || { echo "Go 1.26 or newer is needed: https://go.dev/dl/" >&2; exit 1; }
node_ok || { echo "Node.js 20.19 or newer with npm is needed: https://nodejs.org/" >&2; exit 1; }

if ! command -v dpkg-query >/dev/null; then
  echo "Not Debian or Ubuntu: install GTK 3, WebKitGTK 4.1, Xvfb, xdotool, ImageMagick, Chromium, strace and sqlite3 yourself."
  exit 0
fi

mapfile -t lacking < <(missing)
without_browser=
[[ -n $(browser || true) ]] || without_browser=chromium
if ((${#lacking[@]} == 0)) && [[ -z $without_browser ]]; then touch "$stamp"; exit 0; fi

if ((EUID == 0)); then
  elevate=()
elif sudo -n true 2>/dev/null; then
  elevate=(sudo -n)
else
  echo "Some tests and the window need packages. Install them with:"
  echo "  sudo apt-get install --no-install-recommends ${lacking[*]} $without_browser"
  if [[ -n ${CI:-} ]]; then exit 1; fi
  exit 0
fi

echo "Installing ${lacking[*]} $without_browser"
quietly() {
  local try
  for try in 1 2 3; do
    if "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >.cache/setup.log 2>&1 </dev/null; then return 0; fi
    echo "apt-get failed (try $try of 3)" >&2
  done
  tail -n 20 .cache/setup.log >&2
  return 1
}
quietly apt-get -q update
if ((${#lacking[@]} > 0)); then quietly apt-get -q install -y --no-install-recommends "${lacking[@]}"; fi
if [[ -n $without_browser ]] && ! quietly apt-get -q install -y --no-install-recommends chromium; then
  echo "Chromium could not be installed; the browser tests need it, or one named in CHROMIUM." >&2
  exit 0
fi
touch "$stamp"
