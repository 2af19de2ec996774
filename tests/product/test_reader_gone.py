"""`muniment ... | head`: a reader that goes away ends the command quietly."""

import os
import subprocess
import sys


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        command = [sys.executable, "-m", "muniment", "--help"]
        ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    finally:
        os.close(writing)
    assert ended.stderr == b""
    assert ended.returncode == 141
