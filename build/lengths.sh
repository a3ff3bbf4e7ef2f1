#!/usr/bin/env bash
# Fails on files that have grown too long: 300 lines of Go, 250 of TypeScript or
# Svelte; tests and generated files may be longer. Exceptions stand here, with a reason.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
  # path                      lines that are fine, and why
)

status=0
check() { # limit, file
  local lines
  lines=$(wc -l <"$2")
  if ((lines > ${allowed[$2]:-$1})); then
    echo "$2: $lines lines, at most ${allowed[$2]:-$1}"
    status=1
  fi
}
while read -r file; do check 300 "$file"; done < <(git ls-files '*.go' | grep -vE '_test\.go$')
while read -r file; do check 250 "$file"; done < <(git ls-files 'frontend/src/*.ts' 'frontend/src/*.svelte' | grep -vE '\.test\.ts$|/host/gen/')
exit $status
