"""The console's own unit tests, run by its own runner, so that one command runs everything."""

import os
import subprocess

from tests.conftest import ROOT, missing

CONSOLE = ROOT / "console"


def test_the_units_of_the_console_hold() -> None:
    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        missing("node", "the console's packages are not installed")
    found = subprocess.run(["sh", "node.sh"], cwd=CONSOLE, capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "PATH": f"{found}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    command = ["npm", "run", "--silent", "test"]
    ran = subprocess.run(command, cwd=CONSOLE, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-2_000:]
    assert "passed" in ran.stdout
