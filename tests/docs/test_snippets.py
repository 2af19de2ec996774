"""Snippets run: shell blocks that say so, every Python block, every artefact in YAML.

sh runnable     all such blocks of one document are one script, run in an empty folder with `muniment` on the path
python          each runs by itself; `python part` is an excerpt and does not
yaml            a governed artefact, read by its reader; `yaml part` is an excerpt
"""

import os
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import which

import pytest

from api.wiring import open_rooms
from tests.conftest import ROOT, missing
from tests.docs.pages import blocks, documents, name_of
from versioning.feel import FEEL
from versioning.files import check_file
from versioning.registers import NO_REGISTERS

PORT = "8000"  # as the documents write it; a free one is put in its place
SCRIPT_SECONDS_MAX = 900  # for a script that hangs; on a loaded machine one that does not may take minutes
# What a script left running is ended with it, and its status stays.
STOP = (
    "trap 'status=$?; trap - EXIT; "
    "for one in $(jobs -p); do kill $one || true; done; wait || true; exit $status' EXIT\n"
)

RUNNABLE = [path for path in documents() if blocks(path, "sh", "runnable")]
PYTHON = [(path, n) for path in documents() for n in range(len(blocks(path, "python")))]
YAML = [(path, n) for path in documents() for n in range(len(blocks(path, "yaml")))]
# The first key of a source tells what kind of artefact it is.
KIND_OF_KEY = {
    "access policy": "access-policy", "person": "person", "actor": "actor", "role assignment": "role-assignment",
    "person attribute": "person-attribute",
    "instrument": "instrument", "office": "office", "authority-grant": "authority-grant",
    "authority-revocation": "authority-revocation", "rule-table": "rule-table", "connector": "connector",
    "reason-code-list": "reason-code-list", "calendar": "calendar", "agent": "agent",
    "blueprint": "blueprint", "feed": "feed",
}  # fmt: skip


def place(given: tuple[Path, int] | Path) -> str:
    return name_of(given) if isinstance(given, Path) else f"{name_of(given[0])}-{given[1]}"


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the caller's settings, and `muniment` as the module of this project."""
    program = folder / "bin" / "muniment"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m muniment "$@"\n')
    program.chmod(0o755)
    (folder / "bin" / "python").symlink_to(sys.executable)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MUNIMENT_")}
    paths = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": paths, "PYTHONPATH": str(ROOT)}


def free_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


@pytest.mark.parametrize("path", RUNNABLE, ids=place)
def test_shell_blocks_run(path: Path, tmp_path: Path) -> None:
    script = "\n".join(block.text for block in blocks(path, "sh", "runnable"))
    for program in ("curl", "openssl"):
        if program in script and which(program) is None:
            missing(program, "not on the path")
    work = tmp_path / "work"
    work.mkdir()
    (work / "examples").symlink_to(ROOT / "examples")
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", STOP + script.replace(PORT, free_port())],
        cwd=work,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=SCRIPT_SECONDS_MAX,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"


@pytest.mark.parametrize("given", PYTHON, ids=place)
def test_python_blocks_run(given: tuple[Path, int], tmp_path: Path) -> None:
    block = blocks(given[0], "python")[given[1]]
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.text],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=SCRIPT_SECONDS_MAX,
        check=False,
    )
    assert ran.returncode == 0, f"{name_of(given[0])}:{block.line}\n{ran.stderr}"


@cache
def kinds():
    return open_rooms().kinds


@pytest.mark.parametrize("given", YAML, ids=place)
def test_artefacts_are_read(given: tuple[Path, int]) -> None:
    block = blocks(given[0], "yaml")[given[1]]
    lines = [line for line in block.text.splitlines() if line.strip() and not line.startswith("#")]
    kind = KIND_OF_KEY[lines[0].partition(":")[0]]
    if kind == "blueprint":
        report = check_file(block.text, NO_REGISTERS, FEEL)
        assert report.ok, report.lines(name_of(given[0]))
    else:
        assert kinds()[kind].read(block.text).name


def test_every_kind_of_artefact_is_shown_by_an_example() -> None:
    first = {
        next(line for line in block.text.splitlines() if line.strip() and not line.startswith("#")).partition(":")[0]
        for path in documents()
        for block in blocks(path, "yaml")
    }
    assert {KIND_OF_KEY[key] for key in first} == set(kinds())
    assert set(KIND_OF_KEY.values()) == set(kinds())
