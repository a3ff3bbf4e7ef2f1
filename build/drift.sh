#!/usr/bin/env bash
# Fails if the committed TypeScript types differ from what the Go types say.
set -euo pipefail
cd "$(dirname "$0")/.."
make --no-print-directory generate >/dev/null
if ! git diff --stat --exit-code -- frontend/src/host/gen; then
  echo "The types above were stale; 'make generate' has rewritten them. Commit them."
  exit 1
fi
