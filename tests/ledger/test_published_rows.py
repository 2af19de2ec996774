"""What is published is verified with the log: the changed row is named, and what runs on meanwhile is no fault."""

from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Batch
from ledger.verify.report import Fault
from tests.ledger import tampering
from tests.ledger.tampering import Copy, copy_of, sign
from tests.ledger.test_verify import server, sound  # noqa: F401 - fixtures


@pytest.fixture
def copy(sound: Copy, server: Any, tmp_path: Path) -> Copy:  # noqa: F811
    return copy_of(sound, tmp_path / "copy", server)


def named(copy: Copy, *statements: tuple[str, tuple[Any, ...]]) -> tuple[str, str, Fault]:
    copy.run(*statements)
    finding = copy.finding()
    assert finding.place is not None
    return finding.place.table, finding.place.column, finding.fault


def test_a_tile_is_named_where_its_hash_is_wrong_and_where_only_the_level_above_shows_it(copy: Copy) -> None:
    ((hashes,),) = copy.ask("SELECT hashes FROM tile WHERE level = 0 AND number = 0")
    hashes = bytes(hashes)
    assert len(hashes) == 24 * 32
    for at in (0, 32 * 15, 32 * 23 + 31):
        changed = hashes[:at] + bytes([hashes[at] ^ 1]) + hashes[at + 1 :]
        assert named(copy, ("UPDATE tile SET hashes = ?", (changed,))) == ("tile", "hashes", Fault.ALTERED)
        assert f"entry {at // 32}" in copy.finding().expected
    for changed in (hashes[:-32], hashes[:-1], hashes + bytes(31), hashes + bytes(32 * 233)):
        assert named(copy, ("UPDATE tile SET hashes = ?", (changed,)))[:2] == ("tile", "hashes")
    copy.run(("UPDATE tile SET hashes = ?", (hashes,)))
    assert copy.verify().is_sound


def test_tiles_that_are_missing_or_too_many(copy: Copy) -> None:
    ((hashes, inner),) = copy.ask("SELECT hashes, inner_hashes FROM tile")
    row = "INSERT INTO tile (log_id, level, number, hashes, inner_hashes) VALUES (?, ?, ?, ?, ?)"
    for name in ((0, 1), (1, 0), (63, 0), (-1, 0), (0, -1)):
        found = named(copy, (row, (copy.log_id, *name, bytes(hashes), bytes(inner))))
        assert found == ("tile", "", Fault.INSERTED)
        copy.run(("DELETE FROM tile WHERE level = ? AND number = ?", name))
    assert named(copy, ("DELETE FROM tile", ())) == ("tile", "", Fault.MISSING)


def test_a_publication_of_another_tree_that_the_log_s_key_signed_is_a_fork(copy: Copy) -> None:
    entries = copy.entries()
    sizes = [size for (size,) in copy.ask("SELECT size FROM published ORDER BY size")]
    assert len(sizes) > 2
    other = [*entries[:2], entries[3], *entries[3:]]
    tree = tampering.CompactRange().extend([row.leaf_hash for row in other[: sizes[1]]])
    note = sign(copy.signer, tree)
    change = ("UPDATE published SET note = ? WHERE size = ?", (note, sizes[1]))
    assert named(copy, change) == ("published", "note", Fault.FORKED)


def test_tiles_and_a_signed_publication_of_another_tree_are_held_against_the_entries(copy: Copy) -> None:
    """Whoever holds database and key shows others a tree that the entries do not give."""
    ((hashes,),) = copy.ask("SELECT hashes FROM tile WHERE level = 0 AND number = 0")
    ((newest,),) = copy.ask("SELECT max(size) FROM published")
    ((before,),) = copy.ask("SELECT max(size) FROM published WHERE size < ?", newest)
    assert before < newest == 24
    leaves = [*[row.leaf_hash for row in copy.entries()][:-1], bytes(32)]
    note = sign(copy.signer, tampering.CompactRange().extend(leaves))
    found = named(
        copy,
        ("UPDATE tile SET hashes = ?", (b"".join(leaves),)),
        ("UPDATE published SET note = ? WHERE size = ?", (note, newest)),
    )
    assert found == ("tile", "hashes", Fault.ALTERED)
    assert "entry 23" in copy.finding().expected
    assert len(bytes(hashes)) == 32 * 24


def test_a_publication_that_no_key_of_the_log_signed(copy: Copy) -> None:
    ((size, note),) = copy.ask("SELECT size, note FROM published ORDER BY size LIMIT 1")
    text, line = note.split("\n\n")
    wrong = f"{text}\n\n{line[:-9]}{'A' if line[-9] != 'A' else 'B'}{line[-8:]}"
    assert named(copy, ("UPDATE published SET note = ? WHERE size = ?", (wrong, size)))[:2] == ("published", "note")
    assert copy.finding().check == 5


def test_the_newest_publication_and_how_far_it_got_belong_together(copy: Copy) -> None:
    ((newest,),) = copy.ask("SELECT max(size) FROM published")
    rename = "UPDATE reached SET what = ? WHERE what = ?"
    assert named(copy, (rename, ("qublished", "published")))[0] == "reached"
    copy.run((rename, ("published", "qublished")))
    move = "UPDATE reached SET size = ? WHERE what = 'published'"
    assert named(copy, (move, (newest + 1,)))[:2] == ("reached", "size")
    assert named(copy, (move, (newest - 1,)))[:2] == ("reached", "size")
    ((smaller,),) = copy.ask("SELECT min(size) FROM published")
    assert named(copy, (move, (smaller,)))[0] == "published"
    copy.run((move, (newest,)))
    assert copy.verify().is_sound
    assert named(copy, ("DELETE FROM published WHERE size = ?", (newest,)))[0] == "reached"


def test_a_line_is_verified_by_the_key_that_is_known(copy: Copy) -> None:
    ((size, key_id, value),) = copy.ask(
        "SELECT size, key_id, value FROM published_line WHERE kind = 'cosignature' ORDER BY size LIMIT 1"
    )
    line = bytes(value).decode()
    change = "UPDATE published_line SET value = ? WHERE size = ? AND key_id = ?"
    for wrong in (
        line[:-9] + ("A" if line[-9] != "A" else "B") + line[-8:],
        line.rstrip("\n"),
        line * 2,
        "",
        "\u2014 x\n",
    ):
        assert named(copy, (change, (wrong.encode(), size, key_id)))[0] == "published_line", wrong
    copy.run((change, (bytes(value), size, key_id)))
    assert copy.verify().is_sound


def test_lines_of_another_size_do_not_verify(copy: Copy) -> None:
    rows = copy.ask("SELECT size, value FROM published_line WHERE kind = 'cosignature' ORDER BY size")
    (one, first), (other, second) = rows[:2]
    swap = "UPDATE published_line SET value = ? WHERE size = ? AND kind = 'cosignature'"
    assert named(copy, (swap, (bytes(second), one)), (swap, (bytes(first), other)))[:2] == ("published_line", "value")


def test_the_first_of_an_hour_must_be_kept(copy: Copy) -> None:
    ((size,),) = copy.ask("SELECT min(size) FROM published WHERE kept = 'hour'")
    assert named(copy, ("UPDATE published SET kept = '' WHERE size = ?", (size,)))[:2] == ("published", "kept")


def test_what_is_appended_and_published_meanwhile_is_no_fault(sound: Copy, copy: Copy, monkeypatch: Any) -> None:  # noqa: F811
    from ledger.published_rows import PublishedRows

    real = PublishedRows.__call__

    def meanwhile(self: Any, verified: Any) -> Any:
        connection = copy.database.connect()
        requests = [tampering.Request(tampering.PERSON, tampering.Bump(f"late_{n}"), f"late{n}") for n in range(300)]
        for result in Batch(copy.workings, connection).run(requests):
            assert not isinstance(result, Exception), result
        tampering._publish(copy.database, copy.workings, connection)
        connection.close()
        return real(self, verified)

    monkeypatch.setattr(PublishedRows, "__call__", meanwhile)
    assert copy.verify().is_sound
    monkeypatch.undo()
    report = copy.verify()
    assert report.is_sound
    assert report.size == 324


def test_a_log_that_was_never_published_is_sound(copy: Copy) -> None:
    for table in ("published", "published_line", "tile", "reached"):
        copy.run((f"DELETE FROM {table}", ()))
    assert copy.verify().is_sound
