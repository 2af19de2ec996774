"""Verification through the life of a log's keys: thieves, forged changes, lines of published checkpoints, and going on
from a checkpoint that was kept."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.canonical import decode
from ledger.checking import check_signature
from ledger.checkpoint import parse_checkpoint
from ledger.database import SqliteDatabase
from ledger.errors import BrokenInput, Unavailable
from ledger.key_life import keys_on_record
from ledger.key_rules import fault_of, id_of
from ledger.key_statements import (
    COMMIT_KEY,
    IDENTITY_KEY,
    POST_QUANTUM_KEY,
    RETIRED,
    ROTATED,
    KeyList,
    ListedKey,
    Order,
    format_list,
    format_order,
    parse_list,
    parse_order,
    read_lists,
)
from ledger.log_lines import OwnLines
from ledger.note import parse_note
from ledger.publication import Publication
from ledger.signers import Ed25519Signer, KeyRing
from ledger.token_address import IdentityPlace
from ledger.tree import CompactRange
from ledger.verification import keep, read_kept, verify_database
from ledger.verify.plain_signatures import verify_signature
from ledger.verify.report import Fault, Finding, Place
from ledger.verify.signing import LogKeys
from tests.conftest import SetClock
from tests.ledger.keeping import LOG, ORIGIN, PASSPHRASE, Keeper, open_keeper
from tests.ledger.tampering import Copy, chained, sign
from tests.migrated import migrated_sqlite

OUTSIDE = Place("published")


@pytest.fixture
def keeper(tmp_path: Path, clock: SetClock) -> Iterator[Keeper]:
    database = migrated_sqlite(tmp_path / "ledger.sqlite")
    made = open_keeper(database, tmp_path / "keys", clock)
    yield made
    made.close()


def values_of(copy: Copy) -> list[dict[str, Any]]:
    return [decode(row.data) for row in copy.entries()]


def sign_all(copy: Copy, trees: list[CompactRange], signer_at: Callable[[int], Ed25519Signer]) -> None:
    """Sign every kept checkpoint and the head anew, each size by the key the thief has for it."""
    size = trees[-1].size
    for (kept,) in copy.ask("SELECT size FROM checkpoint WHERE log_id = {log}"):
        if kept > size:
            copy.run(("DELETE FROM checkpoint WHERE log_id = ? AND size = ?", (copy.log_id, kept)))
        else:
            note = sign(signer_at(kept), trees[kept])
            copy.run(("UPDATE checkpoint SET note = ? WHERE log_id = ? AND size = ?", (note, copy.log_id, kept)))
    note = sign(signer_at(size), trees[-1])
    copy.run(("UPDATE head SET checkpoint = ? WHERE log_id = ?", (note, copy.log_id)))


def found(keeper: Keeper, *purposes: str, **manner: Any) -> tuple[int, Fault]:
    finding = keeper.verify(*purposes, **manner).finding
    assert finding is not None
    return finding.check, finding.fault


def test_a_log_that_hides_a_rotation_was_signed_again(keeper: Keeper) -> None:
    """The thief of the first commit key writes the log on as if no rotation had been. The list outside tells."""
    thief = keeper.ring.commit_signer(keeper.current())
    keeper.bump(2)
    keeper.rotate()
    keeper.bump(2)
    lists = keeper.lists()
    copy = Copy(keeper.database, keeper.workings)
    values = values_of(copy)
    hidden = [value for value in values if not value["kind"].startswith("key.")]
    numbers: dict[str, int] = {}
    for value in hidden:
        value["subject_index"] = numbers.get(value["subject"], 0)
        numbers[value["subject"]] = value["subject_index"] + 1
    copy.rewrite(hidden, None)
    sign_all(copy, chained(hidden)[1], lambda _: thief)
    # Folded rows still tell of the rotation; whoever rewrites history would see to them as well.
    assert found(keeper, IDENTITY_KEY) == (11, Fault.STATE_DRIFT)
    assert found(keeper, IDENTITY_KEY, key_lists=lists) == (5, Fault.RE_SIGNED)
    assert found(keeper, COMMIT_KEY, key_lists=lists) == (5, Fault.RE_SIGNED)


def test_a_copy_that_ends_under_a_stolen_key(keeper: Keeper, tmp_path: Path) -> None:
    """An older copy, or one the thief wrote on: its head is signed by the stolen key, above the size of the theft."""
    stolen = keeper.current()
    keeper.bump(2)
    void, path = keeper.size(), tmp_path / "older.sqlite"
    keeper.bump(2)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as now, closing(sqlite3.connect(path)) as then:
        now.backup(then)
    keeper.compromise(stolen, void)
    lists = keeper.lists()
    assert keeper.verify(IDENTITY_KEY, key_lists=lists).is_sound
    older = replace(keeper, database=SqliteDatabase(path), _reading=None)
    assert older.verify(IDENTITY_KEY).is_sound  # it does not know of the theft
    assert found(older, IDENTITY_KEY, key_lists=lists) == (5, Fault.RE_SIGNED)


def test_a_checkpoint_by_a_key_that_ended(keeper: Keeper) -> None:
    """One kept checkpoint behind the rotation is signed by the old key."""
    old = keeper.ring.commit_signer(keeper.current())
    keeper.rotate()
    (receipt,) = keeper.bump()
    copy = Copy(keeper.database, keeper.workings)
    note = old.sign_note(receipt.checkpoint.partition("\n\n")[0] + "\n")
    copy.run(("UPDATE checkpoint SET note = ? WHERE log_id = ? AND size = ?", (note, copy.log_id, receipt.size)))
    for purposes in ((), (COMMIT_KEY,), (IDENTITY_KEY,)):
        report = keeper.verify(*purposes)
        assert report.finding is not None
        assert (report.finding.check, report.finding.fault) == (5, Fault.WRONG_KEY)
        assert "in force from 1 to" in report.finding.found
    assert found(keeper, IDENTITY_KEY, key_lists=keeper.lists()) == (5, Fault.WRONG_KEY)


def test_a_checkpoint_by_a_key_before_its_time(keeper: Keeper) -> None:
    (receipt,) = keeper.bump()
    keeper.rotate()
    new = keeper.ring.commit_signer(keeper.current())
    copy = Copy(keeper.database, keeper.workings)
    note = new.sign_note(receipt.checkpoint.partition("\n\n")[0] + "\n")
    copy.run(("UPDATE checkpoint SET note = ? WHERE log_id = ? AND size = ?", (note, copy.log_id, receipt.size)))
    assert found(keeper, IDENTITY_KEY) == (5, Fault.WRONG_KEY)


def forge_change(keeper: Keeper, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change the payload of the rotation and sign history again with the keys of the log itself."""
    copy = Copy(keeper.database, keeper.workings)
    values = values_of(copy)
    index = next(n for n, value in enumerate(values) if value["kind"] == ROTATED)
    edit(values[index]["payload"])
    copy.rewrite(values, None)
    sizes = {
        key.from_size: keeper.ring.commit_signer(id_of(key)) for key in keeper.on_record() if key.purpose == COMMIT_KEY
    }
    first, second = (sizes[at] for at in sorted(sizes))
    sign_all(copy, chained(values)[1], lambda size: first if size <= index else second)


def stranger(keeper: Keeper) -> Ed25519Signer:
    made = KeyRing(keeper.ring.folder.parent, ORIGIN, PASSPHRASE, IdentityPlace()).make(COMMIT_KEY)
    assert isinstance(made, Ed25519Signer)
    return made


@pytest.mark.parametrize("what", ["another signer", "no order", "another key beside it", "a second member", "no note"])
def test_a_change_nobody_signed_for(keeper: Keeper, what: str) -> None:
    """Whoever can rewrite entries, but has no key for the order, is found at the entry."""
    keeper.change(keeper.order(ROTATED))
    keeper.bump()
    other = stranger(keeper)

    def edit(payload: dict[str, Any]) -> None:
        text = payload["order"].partition("\n\n")[0] + "\n"
        if what == "another signer":
            payload["order"] = other.sign_note(text)
        elif what == "no order":
            del payload["order"]
        elif what == "another key beside it":
            payload["vkey"] = other.vkey
        elif what == "no note":
            payload["order"] = "an order"
        else:
            payload["void_from"] = 1

    forge_change(keeper, edit)
    for purposes in ((), (COMMIT_KEY,), (IDENTITY_KEY,)):
        finding = keeper.verify(*purposes).finding
        assert finding is not None
        assert (finding.check, finding.fault) == (5, Fault.WRONG_KEY)
        assert finding.index is not None
        assert keeper.kinds()[finding.index] == ROTATED


def test_the_pinned_identity_key_must_list_the_first_commit_key(keeper: Keeper) -> None:
    """Else whoever writes a log of their own would name the pinned key beside their own commit key."""
    keeper.bump()
    copy = Copy(keeper.database, keeper.workings)
    values = values_of(copy)
    other = stranger(keeper)
    payload = values[0]["payload"]
    commit = next(key for key in payload["keys"] if key["purpose"] == COMMIT_KEY)
    commit.update(vkey=other.vkey, key_id=other.key_id)
    copy.rewrite(values, None)
    sign_all(copy, chained(values)[1], lambda _: other)
    assert found(keeper, IDENTITY_KEY) == (5, Fault.WRONG_KEY)
    assert found(keeper, COMMIT_KEY, IDENTITY_KEY) == (5, Fault.WRONG_KEY)
    assert found(keeper, COMMIT_KEY) == (5, Fault.RE_SIGNED)
    del payload["list"]
    copy.rewrite(values, None)
    sign_all(copy, chained(values)[1], lambda _: other)
    assert found(keeper, IDENTITY_KEY) == (5, Fault.RE_SIGNED)


def test_going_on_from_a_kept_checkpoint_after_rotations(keeper: Keeper) -> None:
    from ledger.verification import Manner, Subject
    from tests.ledger.toy import COUNTER, folds

    keeper.rotate()
    keeper.bump(2)
    subject = Subject(keeper.database, LOG, ORIGIN, (COUNTER,), folds())
    vkeys = (keeper.vkeys[IDENTITY_KEY],)
    _, verified = verify_database(Subject(keeper.database, LOG, ORIGIN), Manner(vkeys))
    assert verified is not None
    keeper.rotate()
    keeper.bump(2)
    for kept in (keep(verified), verified.head.checkpoint):
        report, _ = verify_database(subject, Manner(vkeys, read_kept(kept)))
        assert report.is_sound, report.words()
        assert report.since == verified.size
    stolen = json.loads(keep(verified))
    stolen["checkpoint"] = stranger(keeper).sign_note(verified.head.checkpoint.partition("\n\n")[0] + "\n")
    with pytest.raises(BrokenInput, match="kept elsewhere"):
        verify_database(subject, Manner(vkeys, read_kept(json.dumps(stolen))))


def published(keeper: Keeper) -> tuple[str, LogKeys]:
    """A published checkpoint with all lines of the log, and the keys as verification has them."""
    (receipt,) = keeper.bump()

    def keys() -> tuple[ListedKey, ...]:
        with keeper.reader.view() as view:
            return keys_on_record(view)

    text = receipt.checkpoint.partition("\n\n")[0] + "\n"
    own = OwnLines(keeper.ring, keys, keeper.clock)
    lines = own.contribute(Publication(receipt.size, text, receipt.checkpoint))
    assert [(line.kind, line.made_at) for line in lines] == [("signature", keeper.clock.at)] * 2
    assert {line.key_id for line in lines} == {keeper.current(IDENTITY_KEY), keeper.current(POST_QUANTUM_KEY)}
    log_keys = LogKeys((keeper.vkeys[IDENTITY_KEY],), check_signature)
    with keeper.reader.view() as view:
        for row in view.entries(0, receipt.size):
            value = decode(row.bytes)
            if value["kind"] == "ledger.opened" or value["kind"].startswith("key."):
                assert log_keys.name(row.idx, value["kind"], value["payload"]) is None
    return receipt.checkpoint + "".join(line.value.decode() for line in lines), log_keys


def judged(keys: LogKeys, note: str) -> Finding | None:
    parsed = parse_note(note)
    return keys.judge(parse_checkpoint(parsed.text), parsed, OUTSIDE)


def test_lines_of_a_published_checkpoint(keeper: Keeper) -> None:
    """Each stands by itself, by both checks; one flipped bit in any is found; a stranger's is passed by."""
    note, keys = published(keeper)
    assert judged(keys, note) is None
    text, _, block = note.partition("\n\n")
    lines = block.splitlines(keepends=True)
    assert len(lines) == 3
    for check in (check_signature, verify_signature):
        keys._check = check
        assert judged(keys, note) is None
        for number, line in enumerate(lines):
            place = len(line) - 40
            flipped = line[:place] + ("A" if line[place] != "A" else "B") + line[place + 1 :]
            forged = f"{text}\n\n{''.join([*lines[:number], flipped, *lines[number + 1 :]])}"
            finding = judged(keys, forged)
            assert finding is not None, line[:60]
            assert finding.fault is Fault.ALTERED
    assert judged(keys, note + stranger(keeper).sign_line(text + "\n")) is None


@pytest.mark.parametrize("purpose", [IDENTITY_KEY, POST_QUANTUM_KEY])
def test_a_line_of_a_key_that_ended(keeper: Keeper, purpose: str) -> None:
    """Signing what came after its end is no service of the old key."""
    old: Any = keeper.ring.identity if purpose == IDENTITY_KEY else keeper.ring.post_quantum
    signer = old(keeper.current(purpose))
    keeper.rotate(purpose)
    note, keys = published(keeper)
    assert judged(keys, note) is None
    text = note.partition("\n\n")[0] + "\n"
    line = signer.sign_line(text) if purpose == IDENTITY_KEY else signer.sign_line(text, 1)
    finding = judged(keys, note + line)
    assert finding is not None
    assert finding.fault is Fault.WRONG_KEY


def test_own_lines_need_the_key_in_force(keeper: Keeper) -> None:
    """No line by an old key, and none at all while the one in force is away: that is noticed, not papered over."""
    keeper.rotate(IDENTITY_KEY)
    path = keeper.ring.folder / f"identity-{keeper.current(IDENTITY_KEY)}.pem"
    path.rename(path.with_suffix(".away"))
    with pytest.raises(Unavailable, match="identity key"):
        published(keeper)
    path.with_suffix(".away").rename(path)
    keeper.change(keeper.order(RETIRED, POST_QUANTUM_KEY))
    (receipt,) = keeper.bump()
    own = OwnLines(keeper.ring, keeper.on_record, keeper.clock)
    text = receipt.checkpoint.partition("\n\n")[0] + "\n"
    lines = own.contribute(Publication(receipt.size, text, receipt.checkpoint))
    assert [line.key_id for line in lines] == [keeper.current(IDENTITY_KEY)]


VKEY = "l.example/a+0329347e+AfCGueLsF9dplDxoWWVPQI9dlEOeag4OakEplgRrZ3Jr"


@pytest.mark.parametrize(
    "order",
    [
        Order("l.example/a", ROTATED, COMMIT_KEY, VKEY, "0a0b0c0d", None, 7),
        Order("l.example/a", RETIRED, IDENTITY_KEY, None, "0a0b0c0d", None, 0),
        Order("l.example/a", "key.compromised", COMMIT_KEY, VKEY, "0a0b0c0d", 3, 9),
    ],
)
def test_an_order_has_one_spelling(order: Order) -> None:
    text = format_order(order)
    assert parse_order(text) == order
    for wrong in (text[:-1], text + "\n", text.replace("size ", "size 0"), "", "x\n"):
        with pytest.raises(BrokenInput):
            parse_order(wrong)
    with pytest.raises(BrokenInput):
        parse_order(text.replace("act key.", "act ledger."))


def test_a_list_has_one_spelling(keeper: Keeper) -> None:
    keeper.rotate()
    with_two = parse_list(parse_note(keeper.lists()[-1]).text)
    text = format_list(with_two)
    assert parse_list(text) == with_two
    assert [key.purpose for key in with_two.keys].count(COMMIT_KEY) == 2
    for wrong in (text[:-1], text + "\n", text.replace(" - - ", " - ", 1), text.replace("commit 0", "commit 00")):
        with pytest.raises(BrokenInput):
            parse_list(wrong)
    with pytest.raises(BrokenInput):  # a key of another type than its purpose has
        parse_list(text.replace("post-quantum ", "identity "))
    with pytest.raises(BrokenInput):
        read_lists("something else\n" + keeper.lists()[0])
    assert read_lists("".join(keeper.lists())) == keeper.lists()
    many = KeyList(ORIGIN, 1, with_two.keys * 40)
    with pytest.raises(BrokenInput, match="at most"):
        format_list(many)


def test_rules_name_what_is_missing(keeper: Keeper) -> None:
    keys, size = keeper.on_record(), keeper.size()
    current = keeper.current()
    good = Order(ORIGIN, ROTATED, COMMIT_KEY, stranger(keeper).vkey, current, None, size)
    assert fault_of(keys, good, size) is None
    wrong = [
        good._replace(size=size + 1),
        good._replace(vkey=None),
        good._replace(vkey=keeper.vkeys[COMMIT_KEY]),
        good._replace(vkey=keeper.vkeys[POST_QUANTUM_KEY]),
        good._replace(ends=keeper.current(IDENTITY_KEY)),
        good._replace(ends=None),
        good._replace(void_from=0),
        good._replace(origin="another.example"),
        good._replace(act="key.compromised"),
        good._replace(act="key.compromised", void_from=size + 1),
        good._replace(act="key.compromised", void_from=0, vkey=None),
    ]
    for order in wrong:
        assert fault_of(keys, order, size) is not None, order


def test_the_borders_of_a_key() -> None:
    """Sizes above the entry that put it in force, up to the one that ended it; what it proves ends with the theft."""
    key = ListedKey(COMMIT_KEY, VKEY, 5, 9, 7)
    assert [size for size in range(12) if key.signs(size)] == [6, 7, 8, 9]
    assert [size for size in range(12) if key.proves(size)] == [6, 7]
    lasting = key._replace(to_size=None, void_from=None)
    assert [size for size in range(8) if lasting.proves(size)] == [6, 7]
