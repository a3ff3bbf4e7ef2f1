#!/usr/bin/env bash
# Runs each Go fuzz test for the given time. Go takes one at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
while IFS=: read -r file name; do
  package=./$(dirname "$file")
  echo "== $package $name"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package"
done < <(git ls-files '*_test.go' | xargs grep -oHE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //')
