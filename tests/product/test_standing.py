"""`muniment demo` as a newcomer runs it: it comes up, a person signs in, it stops when told, and goes on next time."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.demo.door import Door
from tests.conftest import ROOT

SECONDS = 180.0  # a loaded machine; an idle one needs about half a minute
READY = "Ctrl-C stops it"


@contextmanager
def standing(folder: Path) -> Iterator[str]:
    """What the demo printed once it stands; it is told to stop afterwards and must end with status 0."""
    port = str(22_400 + os.getpid() % 4_000)
    told = folder / "told.txt"
    environment = {**os.environ, "MUNIMENT_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    with told.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "muniment", "demo", "--port", port],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + SECONDS
        while READY not in told.read_text():
            assert demo.poll() is None, told.read_text()
            assert time.monotonic() < deadline, told.read_text()
            time.sleep(0.1)
        yield told.read_text()
    finally:
        demo.send_signal(signal.SIGINT)
        status = demo.wait(timeout=60)
    assert status == 0, told.read_text()


def sign_in(told: str, person: str) -> tuple[str, int]:
    """The password that was printed, and how many instances this person sees."""
    address = re.search(r"runs at (http://\S+?)/ ", told)
    password = re.search(rf"^  {person} +(\S+) ", told, re.MULTILINE)
    assert address is not None
    assert password is not None
    door = Door(address[1])
    door.token = door.post("/v1/sign-in", {"account": person, "password": password[1]})["token"]
    seen = len(door.get("/v1/process-instances?limit=200")["items"])
    door.close()
    return password[1], seen


def test_it_stands_stops_and_goes_on(tmp_path: Path) -> None:
    with standing(tmp_path) as told:
        first = sign_in(told, "head-of-lending")
        assert first[1] == 16  # eight taken to their ends, eight left waiting
    with standing(tmp_path) as told:
        assert "ceremony held" not in told
        assert sign_in(told, "head-of-lending") == first
