"""Each attack on the stored log by its number in the table of attacks, and the class that must be said of it.

Numbers that are not here have files of their own beside this one; `test_named.py` demands all of them.
"""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.settings import Settings
from ledger.canonical import encode
from ledger.chain import leaf_hash
from ledger.clock import SECOND, LedgerClock, instant_text, parse_instant
from ledger.connection import DatabaseFault
from ledger.database import Database, SqliteDatabase
from ledger.entry import parse_entry
from ledger.errors import Unavailable
from ledger.keys import Ed25519Signer
from ledger.verification import read_kept
from ledger.verify.report import Fault, Status
from ledger.work import Answer, Done, Request
from ledger.writer import Desk, Writer
from tests.conftest import SetClock
from tests.crash.broken import Break, Plan, broken
from tests.ledger.tampering import ORIGIN, Copy, chained, listed, sign
from tests.ledger.toy import PERSON, Bump, open_workings

MIDDLE = 9
EARLIER = 17  # the size after a commit, with a kept checkpoint
Values = list[dict[str, Any]]


def values_of(log: Copy) -> Values:
    return [orjson.loads(entry.data) for entry in log.entries()]


def thief() -> Ed25519Signer:
    """A key that nobody pinned, under the log's own name."""
    return Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())


def roll_back(log: Copy, size: int) -> None:
    """Everything in the database as it was at this size: what an old backup holds."""
    old = values_of(log)[:size]
    log.run(("DELETE FROM checkpoint WHERE log_id = ? AND size > ?", (log.log_id, size)))
    log.rewrite(old, log.signer)


def test_attack_01_a_row_rewritten_in_place_is_named_by_its_index(log: Copy) -> None:
    """Every byte of every entry: `tests/ledger/test_verify_flips.py`; every column: `tests/product/test_tamper.py`."""
    for entry in log.entries():
        flipped = entry.data[:-2] + bytes([entry.data[-2] ^ 1]) + entry.data[-1:]
        log.set_entry(entry.idx, flipped)
        finding = log.finding()
        assert (finding.fault, finding.index) == (Fault.ALTERED, entry.idx), finding
        assert finding.place is not None
        log.set_entry(entry.idx, entry.data)
    assert log.verify().is_sound


@pytest.mark.parametrize("size", [1, MIDDLE, EARLIER, 24])
def test_attack_02_a_tail_rewritten_with_a_valid_chain_fails_against_any_older_checkpoint(log: Copy, size: int) -> None:
    """The operator writes the tail anew and signs everything: only what was kept outside tells."""
    kept = read_kept(sign(log.signer, chained(values_of(log))[1][size]))
    changed = values_of(log)
    changed[size - 1]["correlation_id"] = "someone"
    log.rewrite(changed, log.signer)
    for table in ("published", "published_line", "tile", "reached"):  # and publishes it anew
        log.run((f"DELETE FROM {table} WHERE log_id = ?", (log.log_id,)))
    state = "state that follows from the new entries is not compared here"
    assert log.verify(kept=None).checks[3].status is Status.PASSED, state
    finding = log.finding(kept=kept)
    assert (finding.fault, finding.check) == (Fault.FORKED, 6), finding


def test_attack_02_a_tail_rewritten_without_the_key_contradicts_the_signed_checkpoints(log: Copy) -> None:
    changed = values_of(log)
    changed[MIDDLE]["correlation_id"] = "someone"
    log.rewrite(changed, None)
    assert log.finding().fault is Fault.FORKED


@pytest.mark.parametrize("cut", [1, 3, 23])
def test_attack_03_a_tail_that_was_cut_off_is_missed(log: Copy, cut: int) -> None:
    entries = log.entries()
    log.replace_entries(entries[:-cut])
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.TRUNCATED, len(entries) - cut)


def test_attack_03_an_old_backup_shows_by_a_checkpoint_kept_elsewhere(sound: Copy, log: Copy) -> None:
    newest = listed(sound).stored_head.checkpoint
    roll_back(log, EARLIER)
    finding = log.finding(kept=read_kept(newest))
    assert (finding.fault, finding.check) == (Fault.ROLLED_BACK, 6)
    report = log.verify()
    assert (report.checks[5].status, report.strength.value) == (Status.NOT_RUN, "operator only"), "not detectable"


@pytest.mark.parametrize("names_itself", [True, False])
def test_attack_05_history_signed_again_with_another_key_is_no_history_of_ours(log: Copy, names_itself: bool) -> None:
    signer, changed = thief(), values_of(log)
    changed[MIDDLE]["correlation_id"] = "someone"
    if names_itself:
        changed[0]["payload"]["keys"] = [{"key_id": signer.key_id, "vkey": signer.vkey, "purpose": "commit"}]
    log.rewrite(changed, signer)
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.RE_SIGNED if names_itself else Fault.WRONG_KEY, 5)


def test_attack_05_history_signed_again_with_the_stolen_key_contradicts_what_was_kept(sound: Copy, log: Copy) -> None:
    kept = read_kept(listed(sound).notes[2].note)
    changed = values_of(log)
    changed[2]["correlation_id"] = "someone"
    log.rewrite(changed, log.signer)
    assert log.finding(kept=kept).fault is Fault.FORKED


HOUR, YEAR = 3_600 * SECOND, 365 * 24 * 3_600 * SECOND


@pytest.mark.parametrize(("by", "reason"), [(-HOUR, "CLOCK_BEHIND"), (YEAR, "CLOCK_JUMPED")])
def test_attack_06_a_clock_that_was_set_appends_nothing(
    database: Database, tmp_path: Path, clock: SetClock, by: int, reason: str
) -> None:
    workings = replace(open_workings(database, tmp_path / "keys", clock), clock=LedgerClock(clock))
    desk = Desk(workings, database.connect)
    (first,) = desk.run([Request(PERSON, Bump("toy_1"), "c1")])
    assert isinstance(first, Answer)
    clock.at += by  # the monotonic clock goes on
    (second,) = desk.run([Request(PERSON, Bump("toy_1"), "c2")])
    desk.close()
    assert isinstance(second, Unavailable)
    assert second.reason == reason


def test_attack_06_a_backdated_entry_is_named(log: Copy) -> None:
    changed = values_of(log)
    earlier = parse_instant(changed[MIDDLE - 1]["recorded_at"]) - 1
    changed[MIDDLE]["recorded_at"] = instant_text(earlier)  # type: ignore[arg-type]
    log.rewrite(changed, log.signer)
    finding = log.finding()
    assert (finding.fault, finding.check, finding.index) == (Fault.TIME_REVERSED, 9, MIDDLE)


CALLERS = 100


def test_attack_09_the_same_request_a_hundred_times_at_once_is_one_entry(
    database: Database, tmp_path: Path, clock: SetClock
) -> None:
    """By two writers of one log, fifty to each, as two processes would."""
    workings = open_workings(database, tmp_path / "keys", clock)
    writers = [Writer(workings, database.connect) for _ in range(2)]
    request = Request(PERSON, Bump("toy_1"), "the-same")
    waiting = [writers[n % 2].submit(request) for n in range(CALLERS)]
    answers = [one.result() for one in waiting]
    for writer in writers:
        writer.close()
    assert {answer.outcome for answer in map(_plain, answers)} == {"bumped"}
    receipts = [answer.receipt for answer in answers]
    assert {(one.index, one.leaf_hash) for one in receipts if one is not None} == {(0, receipts[0].leaf_hash)}  # type: ignore[union-attr]
    assert [answer.repeated for answer in answers].count(False) == 1
    assert len(Copy(database, workings).entries()) == 1


def _plain(answer: Answer) -> Any:
    assert isinstance(answer.outcome, Done)
    assert answer.outcome.result == {"total": 1}
    return answer.outcome


def test_attack_10_every_text_comes_back_from_the_database_byte_for_byte(
    database: Database, tmp_path: Path, clock: SetClock
) -> None:
    """Texts that other stores change: signs that combine, order of writing, look-alikes, lines, zeros written out."""
    hard = ["\u00e9", "e\u0301", "\u202egnp.exe", "\u0000", "\u2028", "\U0001f469\u200d\U0001f680", "\ufeff", "A\u030a",
            "\u212b", "'; DROP TABLE entry; --", "\\", '"', "\t\r\n", "1e400", "\ufffd", "x" * 2_000]  # fmt: skip
    pool = random.Random(10)
    drawn = ["".join(chr(pool.choice((pool.randrange(1, 0xD800), pool.randrange(0xE000, 0x110000)))) for _ in range(20))
             for _ in range(50)]  # fmt: skip
    names = [name for name in hard + drawn if "\0" not in name or isinstance(database, SqliteDatabase)]
    workings = open_workings(database, tmp_path / "keys", clock)
    desk = Desk(workings, database.connect)
    results = desk.run([Request(PERSON, Bump(f"toy_{n}", name), f"c{n}") for n, name in enumerate(names)])
    desk.close()
    assert all(isinstance(one, Answer) for one in results), results
    stored = Copy(database, workings).entries()
    for name, entry in zip(names, stored, strict=True):
        value = orjson.loads(entry.data)
        assert value["payload"]["name"] == name
        assert encode(value) == entry.data
        assert leaf_hash(entry.data) == entry.leaf_hash
        assert parse_entry(entry.data).payload["name"] == name
    assert Copy(database, workings).verify().finding is None


@pytest.mark.parametrize("how", list(Break))
def test_attack_17_no_receipt_for_a_transaction_that_was_rolled_back(
    database: Database, tmp_path: Path, clock: SetClock, how: Break
) -> None:
    """Between the numbering and the commit the database goes, for good: nobody is given a receipt, nothing is there."""
    workings = open_workings(database, tmp_path / "keys", clock)
    connections = [broken(database, Plan(how if how is not Break.LOST_AFTER else Break.LOST_BEFORE, (4,)))()]

    def connect() -> Any:
        if not connections:
            raise DatabaseFault("gone", lost=True)
        return connections.pop()

    desk = Desk(workings, connect)
    results = desk.run([Request(PERSON, Bump("toy_1"), "c1"), Request(PERSON, Bump("toy_2"), "c2")])
    desk.close()
    assert not any(isinstance(one, Answer) for one in results) or how is Break.REFUSED
    found = Copy(database, workings).entries()
    receipts = [one.receipt for one in results if isinstance(one, Answer)]
    assert len(found) == len(receipts)


@pytest.mark.parametrize("hides", [True, False])
def test_attack_19_an_entry_and_its_rows_left_out_are_missed(log: Copy, hides: bool) -> None:
    """By the operator: history without it, chained and signed anew, state folded from what is left.

    Where the numbers within the subject are not written anew the gap shows by itself; where they are, in what was kept.
    """
    kept = read_kept(sign(log.signer, chained(values_of(log))[1][-1]))
    changed = values_of(log)
    at = next(n for n, value in enumerate(changed) if value["subject_index"] == 1 and "part" not in value)
    subject = changed.pop(at)["subject"]
    if hides:
        for value in changed[at:]:
            if value["subject"] == subject:
                value["subject_index"] -= 1
    log.rewrite(changed, log.signer)
    if not hides:
        finding = log.finding()
        assert (finding.fault, finding.check) == (Fault.MISSING, 2)
    assert log.finding(kept=kept).fault in (Fault.FORKED, Fault.ROLLED_BACK)


def test_attack_19_a_row_that_was_never_logged_is_named(log: Copy) -> None:
    log.run(("INSERT INTO toy_counter VALUES (?, 'toy_77', 'n', 5)", (log.log_id,)))
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.STATE_DRIFT, 11)


def test_attack_21_there_is_no_way_to_act_without_recording(log: Copy, sound: Copy) -> None:
    """No setting stops the ledger; a table of state written past it is found, and missing guards are said."""
    switches = [name for name in Settings.__dataclass_fields__ if "audit" in name or "record" in name or "off" in name]
    assert not switches
    assert not any("guard" in note for note in sound.verify().notes)
    log.run(("UPDATE toy_counter SET total = total + 1 WHERE log_id = ? AND id = 'toy_0'", (log.log_id,)))
    assert log.finding().fault is Fault.STATE_DRIFT
    if isinstance(log.database, SqliteDatabase):
        assert any("guard" in note for note in log.verify().notes), "the triggers were dropped to do it"
