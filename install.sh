#!/bin/sh
# Creates .venv with the locked dependencies. Picks the first Python that is new enough and has venv.
set -eu
for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
    [ -n "$candidate" ] || continue
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$candidate
    break
done
if [ -z "${found:-}" ]; then
    echo "Python 3.11 or newer with venv is needed. Debian, Ubuntu: apt install python3 python3-venv" >&2
    exit 2
fi
[ -x .venv/bin/python ] || "$found" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-test.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
