#!/usr/bin/env bash
# Fails if the committed TypeScript types differ from what the Go types say.
set -euo pipefail
cd "$(dirname "$0")/.."
types=frontend/src/host/types.gen.ts
before=$(cat "$types")
make --no-print-directory generate >/dev/null
if [[ $before != "$(cat "$types")" ]]; then
  echo "$types was stale; 'make generate' has rewritten it. Commit it."
  exit 1
fi
