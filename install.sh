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
# The lock is whole, so nothing is left to resolve: --no-deps takes it word for word. Left to resolve, an older pip reads a
# dependency's name with an extra as a package of its own and takes its newest release, for which the lock has no hash.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    -r requirements-test.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
