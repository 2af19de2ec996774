"""`muniment feed`: JSON lines and a cursor, through crashes; secrets shown once."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from api.cli import run
from api.feeds.secrets import keys_of
from ledger.errors import BrokenInput
from ledger.webhook import read_secret
from tests.api.feeds.sink import PATIENCE
from tests.api.feeds.world import FEED, World
from tests.forked import Begun, begin


@pytest.fixture
def at_home(lone: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    """The command line finds this organisation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MUNIMENT_DATA_DIR", lone.settings.data_dir)
    monkeypatch.setenv("MUNIMENT_LOG", "main")
    return lone


def indexes(path: Path) -> list[int]:
    """Of the whole lines: another process may be in the middle of one."""
    return [int(json.loads(line)["index"]) for line in path.read_bytes().split(b"\n")[:-1]]


def test_an_export_goes_on_where_the_cursor_says(at_home: World, tmp_path: Path) -> None:
    out, cursor = tmp_path / "entries.jsonl", tmp_path / "cursor"
    arguments = ["feed", "export", "--out", str(out), "--cursor", str(cursor)]
    assert run(arguments) == 0
    size = len(indexes(out))
    assert indexes(out) == list(range(size))
    more = at_home.write("a", "b")
    assert run(arguments) == 0
    assert indexes(out) == list(range(size)) + more
    assert run(arguments) == 0
    assert len(indexes(out)) == size + 2


def test_a_crash_between_lines_and_cursor_writes_again_and_leaves_nothing_out(at_home: World, tmp_path: Path) -> None:
    out, cursor = tmp_path / "entries.jsonl", tmp_path / "cursor"
    arguments = ["feed", "export", "--out", str(out), "--cursor", str(cursor)]
    assert run(arguments) == 0
    kept = cursor.read_bytes()
    size = len(indexes(out))
    more = at_home.write("a", "b")
    assert run(arguments) == 0
    cursor.write_bytes(kept)  # the lines were written, the cursor was not
    with out.open("rb+") as file:
        file.truncate(out.stat().st_size - 9)  # and the last line was torn
    assert run(arguments) == 0
    assert indexes(out) == [*range(size), more[0], *more]


def test_a_released_feed_says_what_is_told_and_in_which_form(at_home: World, tmp_path: Path) -> None:
    at_home.put_in_force(FEED.format(address="http://127.0.0.1:9").replace("cloudevents", "ocsf"))
    written = at_home.write("a", "b")
    out = tmp_path / "lines"
    assert run(["feed", "export", "--feed", "audit", "--out", str(out)]) == 0
    told = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert [one["unmapped"]["index"] for one in told] == written
    assert run(["feed", "export", "--feed", "other"]) == 2
    assert run(["feed", "export", "--feed", "audit", "--format", "ocsf"]) == 2


def test_it_writes_to_standard_output(at_home: World, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["feed", "export", "--format", "ocsf", "--after", "0"]) == 0
    told = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert told[0]["unmapped"]["index"] == 1


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"[1]", b'{"origin":"elsewhere","after":3}', b'{"origin":"localhost/main","after":"3"}']
)
def test_a_cursor_file_of_something_else_is_refused(at_home: World, tmp_path: Path, text: bytes) -> None:
    cursor = tmp_path / "cursor"
    cursor.write_bytes(text)
    assert run(["feed", "export", "--cursor", str(cursor), "--out", str(tmp_path / "out")]) == 2
    assert cursor.read_bytes() == text


def test_a_tail_that_is_killed_misses_nothing(at_home: World, tmp_path: Path) -> None:
    out, cursor = tmp_path / "entries.jsonl", tmp_path / "cursor"
    arguments = ("feed", "tail", "--out", str(out), "--cursor", str(cursor))

    def tail() -> Begun:
        return begin(*arguments, environment=os.environ, folder=tmp_path)

    process = tail()
    try:
        _until(cursor.exists)
        last = at_home.write("a")[0]
        _until(lambda: last in indexes(out))
    finally:
        process.kill()
        process.wait()
    at_home.write("b", "c")
    process = tail()
    try:
        last = at_home.write("d")[0]
        _until(lambda: last in indexes(out))
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert set(indexes(out)) == set(range(last + 1))


def _until(is_so: object) -> None:
    begun = time.monotonic()
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.05)


def test_a_secret_is_shown_once_and_replaced_with_an_overlap(
    at_home: World, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = at_home.settings.secrets_folder
    assert run(["feed", "secret", "siem"]) == 0
    first = read_secret(capsys.readouterr().out.strip())
    assert run(["feed", "secret", "siem"]) == 0
    second = read_secret(capsys.readouterr().out.strip())
    assert keys_of(folder, "siem") == (second, first)
    assert run(["feed", "secret", "siem", "--drop-old"]) == 0
    assert keys_of(folder, "siem") == (second,)
    for name in ("../siem", "Siem", ""):
        assert run(["feed", "secret", name]) == 2


@pytest.mark.parametrize("text", ["", "plain\n", "whsec_AAAA\n", "whsec_" + "A" * 44 + "\n" + "x\n"])
def test_a_file_that_holds_no_secret_is_refused_without_repeating_it(at_home: World, text: str) -> None:
    folder = at_home.settings.secrets_folder
    folder.mkdir(mode=0o700)
    (folder / "odd").touch(0o600)
    (folder / "odd").write_text(text)
    with pytest.raises(BrokenInput) as raised:
        keys_of(folder, "odd")
    assert "AAAA" not in str(raised.value)
    assert "plain" not in str(raised.value)
