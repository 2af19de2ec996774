"""An export: whole at every moment, grown by what is new, refused where it does not belong."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.fetching import Folder
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.errors import BrokenInput, BrokenState
from ledger.exporting import export
from ledger.note import parse_vkey
from ledger.proving import Prover
from ledger.rebuilding import rebuild
from ledger.skeleton import decode
from ledger.tiles import TileName, bundles_of, names_of
from ledger.verify.bundled import BundledSource, are_ours
from ledger.verify.log import Terms, verify
from ledger.verify.tiles import TilesReport, entries_of
from tests.conftest import SetClock
from tests.ledger.foreign import ORIGIN, entry, signed, verdict, write_foreign
from tests.ledger.publishing import House, derived, log_of
from tests.migrated import migrated_sqlite


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    write_foreign(folder, [entry(number) for number in range(600)])
    return folder


@pytest.fixture
def house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    made = log_of(database, tmp_path, clock)
    yield made
    made.close()


def ours(house: House, folder: Path) -> TilesReport:
    return verdict(folder, (parse_vkey(house.workings.log.secrets.signer.vkey),))


def test_an_export_verifies_at_every_step_and_is_what_one_export_at_the_end_is(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    for entries in (1, 30, 225, 300, 1, 700):
        house.append(entries)
        house.publish()
        done = export(house.reader, folder, hashes_only=False)
        assert ours(house, folder).is_sound
        assert done.size == len(house.leaves())
        again = export(house.reader, folder, hashes_only=False)
        assert (again.since, again.files) == (done.size, 0)
    export(house.reader, tmp_path / "once", hashes_only=False)
    once = {path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*") if path.is_file()}
    grown = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert once <= grown.keys()
    assert all((tmp_path / "once" / path).read_bytes() == grown[path] for path in once)
    assert {len(path.parts) for path in grown.keys() - once} <= {4}, "partial tiles of sizes that were published"
    full = {name.path() for name in (*names_of(done.size), *bundles_of(done.size)) if name.width == 256}
    assert not [name for name in full if (folder / f"{name}.p").exists()]


def test_an_export_cut_short_anywhere_is_finished_by_the_next(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.append(300)
    house.publish()
    folder = tmp_path / "export"
    export(house.reader, folder, hashes_only=False)
    house.append(400)
    house.publish()
    before = tmp_path / "before"
    shutil.copytree(folder, before)
    real = os.fsync
    for number in range(1, 40):
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        left = [number]

        def cut(descriptor: int, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            real(descriptor)

        monkeypatch.setattr(os, "fsync", cut)
        try:
            export(house.reader, folder, hashes_only=False)
        except KeyboardInterrupt:
            monkeypatch.setattr(os, "fsync", real)
            assert ours(house, folder).is_sound, "whatever its checkpoint says is there"
            export(house.reader, folder, hashes_only=False)
        else:
            break
        assert ours(house, folder).is_sound
        assert ours(house, folder).size == 700
    assert number > 8, "expected to cut before every file"


def test_bundles_are_added_to_an_export_of_hashes(house: House, tmp_path: Path) -> None:
    house.append(300)
    house.publish()
    folder = tmp_path / "export"
    export(house.reader, folder, hashes_only=True)
    assert not (folder / "tile/entries").exists()
    house.append(300)
    house.publish()
    export(house.reader, folder, hashes_only=False)
    assert ours(house, folder).is_sound


def test_a_folder_of_anything_else_is_refused(house: House, foreign: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenInput, match="nothing was published"):
        export(house.reader, tmp_path / "export", hashes_only=False)
    house.append(20)
    house.publish()
    folder = tmp_path / "export"
    export(house.reader, folder, hashes_only=False)
    good = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    origin = house.workings.log.origin
    for wrong, told in (
        (signed(format_checkpoint(Checkpoint(ORIGIN, 20, bytes(32)))), "found one of example.com/foreign"),
        (signed(format_checkpoint(Checkpoint(origin, 99, bytes(32)))), "it is ahead"),
        (signed(format_checkpoint(Checkpoint(origin, 20, bytes(32)))), "another history"),
        (signed(format_checkpoint(Checkpoint(origin, 7, bytes(32)))), "another history"),
        ("no checkpoint", "expected a checkpoint"),
    ):
        (folder / "checkpoint").write_text(wrong)
        house.append(1)
        house.publish()
        with pytest.raises(BrokenInput, match=told):
            export(house.reader, folder, hashes_only=False)
        assert (folder / "checkpoint").read_text() == wrong
        assert {path: path.read_bytes() for path in good if path.name != "checkpoint"} == {
            path: data for path, data in good.items() if path.name != "checkpoint"
        }
        good = {path: path.read_bytes() for path in good}
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_text("dear")
    with pytest.raises(BrokenInput, match=r"letter\.txt"):
        export(house.reader, strange, hashes_only=False)
    assert [path.name for path in strange.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("number", "cut", "name"), [(1, 1, "tile/0/001"), (1, 3_000, "tile/0/001"), (2, 32, "tile/0/002.p/88")]
)
def test_a_truncated_tile_of_ours_is_neither_exported_nor_proved_from_nor_built_on(
    house: House, tmp_path: Path, number: int, cut: int, name: str
) -> None:
    """What stood before still stands, and `muniment log rebuild` mends it."""
    house.append(300)
    house.publish()
    folder = tmp_path / "export"
    export(house.reader, folder, hashes_only=False)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    house.append(300)
    house.publish()
    hashes = house.tiles()[0, number][0]
    house.owner("UPDATE tile SET hashes = ? WHERE level = 0 AND number = ?", hashes[:-cut], number)
    with pytest.raises(BrokenState, match=f"expected {name}, found none; `muniment log rebuild`"):
        export(house.reader, folder, hashes_only=False)
    assert (folder / "checkpoint").read_bytes() == before[folder / "checkpoint"]
    assert ours(house, folder).size == 300, "whoever reads the export meanwhile finds it whole"
    last = min(number * 256 + 255, 599)
    with house.reader.view() as view, pytest.raises(BrokenState):
        Prover(view).inclusion(last, view.head.size)
    house.append(1)
    assert house.publisher().round() is (number == 1), "what comes next is not built on it"
    mended = rebuild(house.reader, house.mend).mended
    assert mended == ((0, number),)
    house.publisher().round()
    assert house.tiles() == derived(house.leaves())
    export(house.reader, folder, hashes_only=False)
    assert (ours(house, folder).size, ours(house, folder).is_sound) == (601, True)


def test_entries_of_ours_are_checked_as_entries(house: House, tmp_path: Path) -> None:
    house.append(600)
    house.publish()
    folder = tmp_path / "export"
    export(house.reader, folder, hashes_only=False)
    report = ours(house, folder)
    fetch = Folder(folder)
    assert are_ours(entries_of(fetch, TileName(-1, 0))[0], decode)
    assert not are_ours(b"opaque", decode)
    assert not are_ours(b'{"index": 0}', decode)
    source = BundledSource(fetch, report.note, report.size, decode)
    assert verify(source, Terms(decode=decode))[0].is_sound
    source.close()
    # The operator signs another tree: two entries in another order. As tiles it is sound, as entries it is not.
    entries = [data for name in bundles_of(600) for data in entries_of(fetch, name)]
    entries[300], entries[301] = entries[301], entries[300]
    note = write_foreign(tmp_path / "other", entries)
    assert verdict(tmp_path / "other").is_sound
    source = BundledSource(Folder(tmp_path / "other"), note.replace(ORIGIN, report.origin, 1), 600, decode)
    finding = verify(source, Terms(decode=decode))[0].finding
    source.close()
    assert finding is not None
    assert (finding.index, finding.check) == (300, 2)
