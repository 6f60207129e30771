#!/usr/bin/env bash
# Refreshes the pinned versions, hashes included, without naming a package index: requirements/lock.sh
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  .venv-uv/bin/uv pip compile --universal --generate-hashes --no-header --no-emit-index-url \
    --no-emit-find-links --no-annotate --quiet --upgrade --python-version "$1" "$2.in" -o "$2.txt"
}
for name in uv dev sam spark judges; do compile 3.11 "requirements/$name"; done
compile 3.13 functions/requirements
