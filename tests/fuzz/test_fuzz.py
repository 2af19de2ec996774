"""The fuzzer finds nothing: a few seconds with one seed in every run, ten minutes in the long one."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing
from tests.fuzz.corpus import write_corpus
from tests.fuzz.targets import TARGETS, one_input

DICTIONARY = (
    "if", "then", "else", "and", "or", "between", "in", "true", "false", "null", "for", "return", "some", "every",
    "satisfies", "function", "instance of", "not(", "..", "**", "!=", "<=", ">=", "//", "/*", "*/", "@", "?", "item",
    "partial", "date(", "list<", "context<", "range<", "-> ", "number", "string", "a-b", "profit and loss",
    "loan amount",
)  # fmt: skip
MINUTES = 10


def _fuzzed(folder: Path, *options: str) -> int:
    """How many inputs were tried; a failed assertion shows the end of what the fuzzer told, with the input."""
    if find_spec("atheris") is None:
        missing("atheris", "no wheel of the fuzzer for this Python and machine")
    write_corpus(folder / "corpus")
    words = folder / "words"
    words.write_text("".join(f'"{word}"\n' for word in DICTIONARY), encoding="ascii")
    # The fuzzer asks the system for its peak memory, which includes that of the process it was started from.
    started = ["/bin/sh", "-c", '"$@"; exit $?', "sh"]
    command = [*started, sys.executable, "-m", "tests.fuzz.run", str(folder / "corpus"), f"-dict={words}"]
    fixed = [
        "-timeout=20",
        "-rss_limit_mb=1024",
        "-max_len=2000",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    ]
    done = subprocess.run(
        [*command, *fixed, *options], cwd=ROOT, capture_output=True, text=True, errors="replace", check=False,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    found = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    assert found is not None, done.stderr[-2000:]
    return int(found[1])


def test_a_few_seconds_find_nothing(tmp_path: Path) -> None:
    assert _fuzzed(tmp_path, "-seed=7", "-runs=4000") >= 4000


@pytest.mark.long
def test_ten_minutes_find_nothing(tmp_path: Path) -> None:
    assert _fuzzed(tmp_path, f"-max_total_time={60 * MINUTES}") > 10_000


def test_every_seed_is_taken_or_is_broken_input(tmp_path: Path) -> None:
    """The seeds alone, without the fuzzer; each target has some that it takes."""
    count = write_corpus(tmp_path / "corpus")
    taken = set()
    for path in sorted((tmp_path / "corpus").iterdir()):
        data = path.read_bytes()
        one_input(data)
        taken.add(data[0] % len(TARGETS))
    assert count > 30
    assert taken == set(range(len(TARGETS)))
