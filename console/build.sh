#!/bin/sh
# Builds the console into api/static. What is locked in package-lock.json is installed first, when it is not yet.
set -eu
cd "$(dirname "$0")"
PATH="$(sh ./node.sh):$PATH"
export PATH
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --silent --no-progress
fi
npm run --silent build -- --logLevel warn
