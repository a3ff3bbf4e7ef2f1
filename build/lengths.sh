#!/usr/bin/env bash
# Fails on files that have grown too long: 300 lines of Go, 250 of TypeScript, 320 of
# Svelte, which carries its style; tests and generated files may be longer. Exceptions
# stand here, with a reason.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A allowed=(
  [backend/sqlite/writer.go]=450            # one goroutine's loop, whose steps share its state
  [backend/sqlite/verify.go]=360            # the order of all checks, to be read in one piece
  [backend/sqlite/verify_dictionary.go]=340 # one check for each of the dictionaries
  [backend/sqlite/verify_ledger.go]=380     # one check for each part of the ledger
  [backend/sqlite/verify_rows.go]=340       # one pass over all rows
  [frontend/src/host/generate.ts]=300       # the invented log of the in-memory host
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
while read -r file; do check 320 "$file"; done < <(git ls-files 'frontend/src/*.svelte')
while read -r file; do check 250 "$file"; done < <(git ls-files 'frontend/src/*.ts' | grep -vE '\.test\.ts$|/host/gen/')
exit $status
