"""Runs the console's own tests in node, as `npm test` does."""

import os
import shutil
import subprocess

from tests.conftest import ROOT, missing

CONSOLE = ROOT / "console"
PATIENCE = 120_000  # milliseconds: a loaded machine is no failure of ours


def vitest(*files: str, **environment: str) -> None:
    """Run these test files; what they say is shown when they fail."""
    program = shutil.which("node")
    runner = CONSOLE / "node_modules" / "vitest" / "vitest.mjs"
    if program is None or not runner.exists():
        missing("node", "no `node` on this machine, or no `npm ci` in console/")
        raise AssertionError
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [program, str(runner), "run", "--root", str(CONSOLE), f"--testTimeout={PATIENCE}", *files]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=CONSOLE, env={**known, "CI": "1", **environment}
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
