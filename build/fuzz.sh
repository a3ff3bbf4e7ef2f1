#!/usr/bin/env bash
# Runs each Go fuzz test for the given time. Go takes one at a time. Left alone it spends up
# to a minute on making each input that reached something new smaller, and all of the time on that.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
while IFS=: read -r file name; do
  package=./$(dirname "$file")
  echo "== $package $name"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 100x "$package"
done < <(git ls-files '*_test.go' | xargs grep -oHE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //')
