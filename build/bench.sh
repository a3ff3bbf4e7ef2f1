#!/usr/bin/env bash
# Prints the figures of docs/benchmarks.md. ROWS is the number of activities; their
# log is built under .cache/bench and removed at the end. No figure is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
rows=$1
dir=$PWD/.cache/bench
rm -rf "$dir"
mkdir -p "$dir/tmp"
mkdir -m 700 "$dir/log"
trap 'rm -rf "$dir"' EXIT

echo "$(uname -sm), $(nproc 2>/dev/null || echo ?) cores, $(go env GOVERSION)"
go test -c -tags bench -o "$dir/figures.test" ./backend/sqlite
(cd backend/sqlite && TMPDIR=$dir/tmp "$dir/figures.test" -test.run '^TestFigures$' -test.timeout 3h -rows "$rows" -dir "$dir/log")

echo
echo "== First load, compressed"
(cd frontend && npm run --silent size) || true # it says so itself

echo
echo "== In the browser, over the same log"
if ! command -v chromium chromium-browser google-chrome >/dev/null; then
  echo "SKIP: no Chromium (apt-get install chromium)"
else
  (cd frontend && NO_COLOR=1 BENCH_LOG=$dir/log npm run --silent bench)
fi
