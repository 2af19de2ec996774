"""`muniment log` and `muniment verify --log` as a process, on a founded log."""

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from ledger.keys import load_keys
from tests.api.organisation import copied, running
from tests.api.test_tiles import publish
from tests.forked import run


@pytest.fixture
def settings(founded: Settings, tmp_path: Path) -> Settings:
    return copied(founded, tmp_path / "data")


def muniment(settings: Settings, *arguments: Any) -> tuple[int, str]:
    environment = {
        **os.environ,
        "MUNIMENT_DATA_DIR": settings.data_dir,
        "MUNIMENT_LOG": settings.log,
    }
    ran = run(*map(str, arguments), environment=environment, folder=settings.folder)
    return ran.returncode, ran.stdout or ran.stderr


def vkey(settings: Settings) -> str:
    return load_keys(settings.key_folder, settings.origin, settings.secret()).signer.vkey


def test_publish_export_verify_rebuild(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    status, said = muniment(settings, "log", "export", folder)
    assert (status, "nothing was published yet" in said) == (2, True), said
    assert not folder.exists()
    status, said = muniment(settings, "log", "publish", "--json")
    assert status == 0, said
    size = json.loads(said)["size"]
    status, said = muniment(settings, "log", "export", folder, "--json")
    assert (status, json.loads(said)["size"]) == (0, size), said
    for more in ((), ("--processes", "2")):
        status, said = muniment(settings, "verify", "--log", folder, "--vkey", vkey(settings), "--json", *more)
        report = json.loads(said)
        assert (status, report["sound"], report["entries"]) == (0, True, size), said
        checks = {check["number"]: check["status"] for check in report["own_entries"]["checks"]}
        assert {checks[number] for number in (1, 2, 3, 4, 5, 9)} == {"passed"}
    status, said = muniment(settings, "verify", "--log", folder, "--vkey", vkey(settings))
    assert (status, said.count("no fault found")) == (0, 2), said
    status, said = muniment(settings, "log", "rebuild")
    assert (status, "all right" in said) == (0, True), said


def test_wrong_tiles_are_mended_and_told(settings: Settings) -> None:
    with running(settings) as house:
        publish(house)
    database: Any = settings.database()
    connection = sqlite3.connect(database.path)
    connection.execute("UPDATE tile SET inner_hashes = x'00' WHERE level = 0 AND number = 0")
    connection.commit()
    assert muniment(settings, "verify", "--json", "--vkey", vkey(settings))[0] == 1
    status, said = muniment(settings, "log", "rebuild", "--json")
    assert (status, json.loads(said)["mended"]) == (1, ["0/0"]), said
    connection.close()
    assert muniment(settings, "verify", "--json", "--vkey", vkey(settings))[0] == 0


def test_a_fault_in_an_export_is_named(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    muniment(settings, "log", "publish")
    muniment(settings, "log", "export", folder)
    path = folder / "tile/entries/000"
    data = path.read_bytes()
    path.write_bytes(data[:5_000] + bytes([data[5_000] ^ 1]) + data[5_001:])
    status, said = muniment(settings, "verify", "--log", folder, "--vkey", vkey(settings), "--json")
    fault = json.loads(said)["fault"]
    assert (status, fault["fault"], fault["path"]) == (1, "altered", "tile/entries/000")
    assert fault["index"] is not None
    assert muniment(settings, "verify", "--log", folder, "--vkey", vkey(settings), "--hashes-only")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "--log", "."), "expected --vkey with --log"),
        (("verify", "--log", "nowhere", "--vkey", "x+00000000+AQ=="), "expected"),
        (("verify", "--log", "ftp://x", "--vkey", "VKEY"), "expected an http"),
        (("log",), "the following arguments are required"),
        (("log", "erase"), "invalid choice"),
        (("log", "export"), "the following arguments are required"),
    ],
)
def test_wrong_use(settings: Settings, arguments: tuple[str, ...], told: str) -> None:
    given = [vkey(settings) if one == "VKEY" else one for one in arguments]
    status, said = muniment(settings, *given)
    assert (status, told in said) == (2, True), said


@pytest.mark.parametrize("arguments", [("log", "publish"), ("log", "rebuild"), ("serve", "--port", "0")])
def test_a_wrong_passphrase_is_told_and_changes_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    database: Any = settings.database()
    files = {path: path.read_bytes() for path in settings.key_folder.iterdir()}
    before = rows_of(database.path)
    assert files
    assert before
    monkeypatch.setenv("MUNIMENT_PASSPHRASE", "another passphrase")
    status, said = muniment(settings, *arguments)
    assert (status, "expected the passphrase of these keys, found another" in said) == (2, True), said
    assert str(settings.key_folder) in said
    assert "another passphrase" not in said
    assert rows_of(database.path) == before
    assert {path: path.read_bytes() for path in settings.key_folder.iterdir()} == files


def rows_of(path: Path) -> list[str]:
    """All that a database holds, as statements."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_consistency_with_what_verify_kept(settings: Settings, tmp_path: Path) -> None:
    key = vkey(settings)
    assert muniment(settings, "verify", "--vkey", key, "--keep", tmp_path / "kept.json")[0] == 0
    muniment(settings, "log", "publish")
    muniment(settings, "log", "export", tmp_path / "export")
    given = ("verify", "--log", tmp_path / "export", "--vkey", key, "--since", tmp_path / "kept.json")
    status, said = muniment(settings, *given)
    assert (status, "consistent with the checkpoint" in said) == (0, True), said
    (tmp_path / "kept.txt").write_text((tmp_path / "export/checkpoint").read_text().replace("\n\n", "\nx\n\n"))
    status, said = muniment(settings, *given[:-1], tmp_path / "kept.txt")
    assert (status, "--since" in said or "kept" in said) == (2, True), said
