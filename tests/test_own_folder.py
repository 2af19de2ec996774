"""A run of the tests leaves nothing behind, and neither does one that was killed once there is another."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.own_folder import PREFIX, OwnFolder

HOLDING = """
import sys, time
from pathlib import Path
from tests.own_folder import OwnFolder

folder = OwnFolder.take(Path(sys.argv[1]))
(folder.path / "left").write_text("something")
print("held", flush=True)
time.sleep(600)
"""
LEAVING = """
import os, signal, subprocess, sys, tempfile
from pathlib import Path

def test_something_is_left(tmp_path):
    leaving = "import tempfile, os; tempfile.mkdtemp(); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", leaving]).returncode == -signal.SIGKILL
    left = list(Path(tempfile.gettempdir()).glob("tmp*"))
    assert len(left) == 1
    Path("told").write_text(tempfile.gettempdir())
    assert {passes}
"""


def folders(where: Path) -> list[Path]:
    return list(where.glob(f"{PREFIX}*"))


def test_what_a_killed_process_left_is_removed_and_what_is_held_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        (held,) = folders(tmp_path)
        own = OwnFolder.take(tmp_path)
        assert set(folders(tmp_path)) == {held, own.path}
        own.remove()
        assert folders(tmp_path) == [held]
        process.send_signal(signal.SIGKILL)
    assert (held / "left").exists()
    OwnFolder.take(tmp_path).remove()
    assert folders(tmp_path) == []


def run_of(tmp_path: Path, passes: bool) -> Path:
    """A run of one test that leaves something in the folder for temporary files; that folder."""
    (tmp_path / "test_one.py").write_text(LEAVING.format(passes=passes))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "test_one.py"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == (0 if passes else 1), ran.stdout + ran.stderr
    return Path((tmp_path / "told").read_text())


def test_a_run_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = run_of(tmp_path, passes=True)
    assert folder.name.startswith(PREFIX)
    assert not folder.exists()


def test_what_a_failed_run_left_is_there_to_look_at_until_the_next(tmp_path: Path) -> None:
    folder = run_of(tmp_path, passes=False)
    assert folder.is_dir()
    OwnFolder.take(folder.parent).remove()
    assert not folder.exists()
