#!/usr/bin/env bash
# Installs what this machine lacks: setup.sh window, what the window is built with;
# setup.sh tests, that and what the tests need.
#
# As root or with password-less sudo on Debian or Ubuntu it installs the packages
# itself; anywhere else it prints the one line to run and goes on with what is
# possible. With CI set, what is missing is an error: a CI must not skip.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache

who="The window needs"
packages=(gcc libc6-dev pkg-config git libgtk-3-dev libwebkit2gtk-4.1-dev)
if [[ $1 == tests ]]; then
  who="Some tests need"
  packages+=(xvfb xdotool x11-utils imagemagick dbus-x11 at-spi2-core strace iproute2 sqlite3)
fi

# In this folder Go 1.21 or newer fetches the Go that go.mod asks for, if it may.
go=$(go env GOVERSION 2>/dev/null || true)
if [[ $(printf '%s\n' go1.26 "$go" | sort -V | head -n 1) != go1.26 ]]; then
  echo "Go 1.26 or newer is needed${go:+, this is $go}: https://go.dev/dl/" >&2
  exit 1
fi
node=$(node --version 2>/dev/null || true)
node_ok() {
  [[ $node =~ ^v([0-9]+)\.([0-9]+)\. ]] || return 1
  local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
  ((major == 20 && minor >= 19 || major == 22 && minor >= 12 || major > 22))
}
if ! node_ok || ! command -v npm >/dev/null; then
  echo "Node.js 20.19, 22.12 or newer is needed, with npm${node:+ (this is $node)}: https://nodejs.org/" >&2
  exit 1
fi

stamp=.cache/setup-$1-ok
if [[ -f $stamp && $stamp -nt build/setup.sh ]]; then exit 0; fi

# What is still missing has been said: a person goes on without it, a CI does not.
without() { if [[ -n ${CI:-} ]]; then exit 1; else exit 0; fi; }

if ! command -v dpkg-query >/dev/null; then
  echo "Not Debian or Ubuntu: install GTK 3, WebKitGTK 4.1, Xvfb, xdotool, ImageMagick, Chromium, strace and sqlite3 yourself."
  exit 0
fi

lacking=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || lacking+=("$package")
done
without_browser=
if [[ $1 == tests && -z ${CHROMIUM:-} ]] && ! command -v chromium chromium-browser google-chrome >/dev/null; then
  # Ubuntu's package is a stub for a snap, which not every machine can install.
  if grep -qx ID=debian /etc/os-release; then
    lacking+=(chromium)
  else
    without_browser=yes
    echo "The browser tests need Chromium: install it (Ubuntu: sudo snap install chromium) or Google Chrome, or name one in CHROMIUM."
  fi
fi

if ((EUID == 0)); then
  elevate=()
elif sudo -n true 2>/dev/null; then
  elevate=(sudo -n)
elif ((${#lacking[@]} > 0)); then
  line="apt-get update && apt-get install -y --no-install-recommends ${lacking[*]}"
  echo "$who packages. Install them with:"
  if command -v sudo >/dev/null; then echo "  sudo sh -c '$line'"; else echo "  su - -c '$line'"; fi
  without
fi

apt() { # its arguments, at most three times, waiting for whoever else installs
  local try
  for try in 1 2 3; do
    if "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" >.cache/setup.log 2>&1 </dev/null; then return 0; fi
    tail -n 5 .cache/setup.log >&2
    echo "apt-get $1 failed (try $try of 3)" >&2
    ((try == 3)) || sleep 20
  done
  return 1
}
if ((${#lacking[@]} > 0)); then
  echo "Installing ${lacking[*]}. This takes some minutes."
  apt update && apt install -y --no-install-recommends "${lacking[@]}" || without
fi
if [[ -n $without_browser ]]; then without; fi
touch "$stamp"
