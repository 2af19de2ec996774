"""What a failed test leaves open is no fault of the next."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

LEAVING = """
import gc, pytest, socket

def test_one_fails_with_something_open():
    here = socket.socket()
    with pytest.raises(ValueError) as raised:  # which holds this frame, so that nothing ends until somebody collects
        raise ValueError
    assert raised is None

def test_another_is_well():
    gc.collect()

def test_one_that_forgets_to_close_is_told_so():
    here = socket.socket()
    del here
    gc.collect()
"""


def test_a_failed_test_alone_answers_for_what_it_left_open(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(LEAVING)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_some.py"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    failed = {line.partition("::")[2].partition(" ")[0] for line in ran.stdout.splitlines() if line[:6] == "FAILED"}
    assert failed == {"test_one_fails_with_something_open", "test_one_that_forgets_to_close_is_told_so"}, ran.stdout
