"""`muniment demo --remove`: a demo goes as a whole; whatever is no demo, is running or holds other files stays."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.founding import done, found
from api.settings import Settings
from api.wiring import build_writer
from examples.demo.removing import remove
from examples.demo.standing import PASSWORDS
from ledger.actor import SYSTEM
from ledger.commands import ConfirmClock
from ledger.errors import BrokenInput
from ledger.service import Writer
from ledger.work import Request
from tests.demo.test_clock import ceremony
from tests.demo_organisation import Demo, copied_demo


@pytest.fixture
def mine(demo: Demo, tmp_path: Path) -> Demo:
    return copied_demo(demo, tmp_path / "data")


def removing(data: Path, typed: str | None = None) -> tuple[int, list[str]]:
    """What `--remove` comes to: with `--yes`, or asked for the name."""
    said: list[str] = []
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return typed or ""

    status = remove(Settings(data_dir=str(data)), typed is None, ask, said.append)
    assert len(asked) == (typed is not None)
    return status, said


def state(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("typed", [None, "demo", " demo\n"])
def test_it_leaves_nothing_of_the_demo_and_everything_beside_it(mine: Demo, typed: str | None) -> None:
    beside = mine.data / "notes.txt"
    beside.write_text("kept")
    (mine.settings.folder / PASSWORDS).write_text("{}")
    assert removing(mine.data, typed) == (0, [f"removed {mine.settings.folder.resolve()}"])
    assert [path.name for path in mine.data.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("typed", ["", "y", "yes", "demo2", "Demo"])
def test_without_the_name_nothing_is_removed(mine: Demo, typed: str) -> None:
    before = state(mine.data)
    assert removing(mine.data, typed) == (1, ["nothing was removed"])
    assert state(mine.data) == before


def _real(mine: Demo) -> None:
    """In the demo's place an organisation that is none."""
    shutil.rmtree(mine.settings.folder)
    found(replace(mine.settings, passphrase=""), ceremony())


def _unmarked(mine: Demo) -> None:
    """Its key is gone: nobody can say any more that it is a demo."""
    (mine.settings.folder / "passphrase").write_text("another\n")


def _foreign(mine: Demo) -> None:
    (mine.settings.folder / "thesis.txt").write_text("not a demo")


def _second(mine: Demo) -> None:
    (mine.settings.folder / "logs" / "acme").mkdir()


def _linked(mine: Demo) -> None:
    elsewhere = mine.data / "elsewhere"
    mine.settings.folder.rename(elsewhere)
    mine.settings.folder.symlink_to(elsewhere)


def _nothing(mine: Demo) -> None:
    mine.settings.folder.rename(mine.data / "gone")


@pytest.mark.parametrize("make", [_real, _unmarked, _foreign, _second, _linked, _nothing])
def test_what_is_no_demo_stays(mine: Demo, make: Callable[[Demo], None]) -> None:
    make(mine)
    before = state(mine.data)
    with pytest.raises(BrokenInput):
        removing(mine.data)
    assert state(mine.data) == before


def test_a_mark_kept_elsewhere_goes_with_it_and_those_of_others_stay(mine: Demo, tmp_path: Path) -> None:
    elsewhere = tmp_path / "marks"
    settings = replace(mine.settings, mark_dir=str(elsewhere))
    workings, connect = build_writer(settings)
    writer = Writer(workings, connect)
    done(writer.run(Request(SYSTEM, ConfirmClock(settings.log))))
    writer.close()
    (elsewhere / "main-0.json").write_text("{}")
    assert len(list(elsewhere.glob("demo-*.json"))) == 1
    given = Settings(data_dir=str(mine.data), mark_dir=str(elsewhere))
    assert remove(given, True, lambda _: "", lambda _: None) == 0
    assert sorted(path.name for path in elsewhere.iterdir()) == [".lock", "main-0.json"]


def test_one_that_is_running_stays(mine: Demo) -> None:
    connection = mine.settings.database().connect()
    connection.query(1, "SELECT 1 FROM head", ())
    before = state(mine.data)
    try:
        with pytest.raises(BrokenInput, match="running"):
            removing(mine.data)
        assert state(mine.data) == before
    finally:
        connection.close()
    assert removing(mine.data)[0] == 0
