"""The demo that stays is stopped by being told so, wherever its main thread is just then."""

import signal
import subprocess
import sys

import pytest

from tests.conftest import ROOT

# Told while C calls back into Python and forgets what comes up there: a dictionary that looks for a key.
_TOLD = """
import os, signal, sys
from examples.demo.working import Stop

class Key:
    def __hash__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        return 1

stop = Stop()
assert not stop.is_told
{}.get(Key())
print(stop.is_told)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_tells_it_to_stop_is_heard_and_nothing_is_raised(number: signal.Signals) -> None:
    command = [sys.executable, "-c", _TOLD, str(int(number))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
