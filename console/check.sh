#!/bin/sh
# Style, types and unit tests of the console.
set -eu
cd "$(dirname "$0")"
PATH="$(sh ./node.sh):$PATH"
export PATH
npm run --silent check
