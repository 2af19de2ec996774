"""Every attack on a stored log is found, by its class and place: one named test each, on both databases."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.canonical import encode, from_b64url
from ledger.chain import leaf_hash
from ledger.clock import instant_text, parse_instant
from ledger.database import Database
from ledger.errors import BrokenInput
from ledger.keys import Ed25519Signer
from ledger.verification import Manner, Subject, keep, read_kept, verify_database
from ledger.verify.report import Fault, Place, Status, Strength
from tests.conftest import SetClock
from tests.ledger.tampering import LOG, ORIGIN, Copy, chained, copy_of, listed, sign, write_log
from tests.ledger.toy import COUNTER, folds
from tests.migrated import migrated_postgresql, migrated_sqlite

LAST = 23
MIDDLE = 9
EARLIER = 17  # the size after a commit, with a kept checkpoint


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def server(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("postgresql") if request.param == "postgresql" else None


@pytest.fixture(scope="module")
def sound(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The log as it was written; tests that change something take `log`."""
    folder = tmp_path_factory.mktemp("log")
    database: Database
    database = migrated_postgresql(server) if server else migrated_sqlite(folder / "ledger.sqlite")
    return Copy(database, write_log(database, folder / "keys", SetClock()))


@pytest.fixture
def log(sound: Copy, server: Any, tmp_path: Path) -> Iterator[Copy]:
    copy = copy_of(sound, tmp_path, server)
    yield copy
    if server is not None:
        server.drop_database(copy.database.dsn)  # type: ignore[attr-defined]


def values(log: Copy) -> list[dict[str, Any]]:
    return [orjson.loads(entry.data) for entry in log.entries()]


def other_signer(vkey_name: str = ORIGIN) -> Ed25519Signer:
    return Ed25519Signer(vkey_name, Ed25519PrivateKey.generate())


def test_a_sound_log_passes_what_can_be_run(sound: Copy) -> None:
    report = sound.verify()
    status = {check.number: check.status for check in report.checks}
    passed = {n for n, s in status.items() if s is Status.PASSED}
    assert passed == {1, 2, 3, 4, 5, 9, 10, 11}
    assert {n for n, s in status.items() if s is Status.NOT_RUN} == {6, 7, 12}
    assert status[8] is Status.NOT_DETERMINABLE  # a token stands on record, and no root was given
    assert (report.is_sound, report.size, report.strength) == (True, LAST + 1, Strength.OPERATOR_ONLY)


def test_without_a_key_from_outside_signatures_are_not_determinable(sound: Copy) -> None:
    report = sound.verify(vkeys=())
    assert report.checks[4].status is Status.NOT_DETERMINABLE
    assert report.strength is Strength.NOT_DETERMINABLE
    assert report.is_sound


def test_two_processes_find_the_same(sound: Copy) -> None:
    assert sound.verify(processes=2) == sound.verify()


def test_altered_bytes(log: Copy) -> None:
    entry = log.entries()[MIDDLE]
    log.set_entry(MIDDLE, entry.data.replace(b"total", b"tOtal"), entry.leaf_hash)
    finding = log.finding()
    assert (finding.fault, finding.index, finding.place) == (Fault.ALTERED, MIDDLE, Place("entry", (MIDDLE,), "bytes"))


@pytest.mark.parametrize("index", [0, MIDDLE, LAST])
def test_altered_bytes_with_their_leaf_hash(log: Copy, index: int) -> None:
    changed = {**values(log)[index], "correlation_id": "someone"}
    log.set_entry(index, encode(changed))
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.ALTERED, index)


@pytest.mark.parametrize(
    "member", ["index", "prev", "recorded_at", "subject_index", "subject", "origin", "v", "schema"]
)
def test_an_altered_member_is_no_other_fault(log: Copy, member: str) -> None:
    value = values(log)[MIDDLE]
    swapped = {
        "prev": values(log)[4]["prev"],
        "recorded_at": "2020-01-01T00:00:00.000000Z",
        "subject": "toy_9",
        "origin": "ledger.example.com/other",
    }
    log.set_entry(MIDDLE, encode({**value, member: swapped.get(member, 3)}))
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.ALTERED, MIDDLE)


def test_a_fault_is_dated_between_two_checkpoints(log: Copy) -> None:
    log.set_entry(MIDDLE, encode({**values(log)[MIDDLE], "correlation_id": "someone"}))
    finding = log.finding()
    assert finding.after is not None
    assert finding.before is not None
    assert finding.after.size <= MIDDLE < finding.before.size
    times = [value["recorded_at"] for value in values(log)]
    assert finding.after.recorded_at == times[finding.after.size - 1]
    assert finding.before.recorded_at == times[finding.before.size - 1]


def test_two_entries_swapped(log: Copy) -> None:
    entries = log.entries()
    one, other = entries[MIDDLE], entries[MIDDLE + 4]
    entries[MIDDLE] = other._replace(idx=MIDDLE)
    entries[MIDDLE + 4] = one._replace(idx=MIDDLE + 4)
    log.replace_entries(entries)
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.REORDERED, MIDDLE)


def test_an_entry_dropped(log: Copy) -> None:
    entries = log.entries()
    log.replace_entries(entries[:MIDDLE] + entries[MIDDLE + 1 :])
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.MISSING, MIDDLE)


def test_an_entry_dropped_and_the_rest_moved_up(log: Copy) -> None:
    entries = log.entries()
    rest = [entry._replace(idx=entry.idx - 1) for entry in entries[MIDDLE + 1 :]]
    log.replace_entries(entries[:MIDDLE] + rest)
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.MISSING, MIDDLE)


def test_an_entry_duplicated(log: Copy) -> None:
    entries = log.entries()
    rest = [entry._replace(idx=entry.idx + 1) for entry in entries[MIDDLE:]]
    log.replace_entries([*entries[: MIDDLE + 1], *rest])
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.INSERTED, MIDDLE + 1)


def test_an_entry_put_behind_the_head(log: Copy) -> None:
    entries = log.entries()
    log.replace_entries([*entries, entries[3]._replace(idx=LAST + 1)])
    assert log.finding().fault is Fault.INSERTED


def test_the_tail_cut_off(log: Copy) -> None:
    log.replace_entries(log.entries()[:-3])
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.TRUNCATED, LAST - 2)


def test_two_entries_on_one_forerunner(log: Copy) -> None:
    all_values = values(log)
    value = {**all_values[MIDDLE + 1], "prev": all_values[MIDDLE]["prev"]}
    log.set_entry(MIDDLE + 1, encode(value))
    finding = log.finding()
    assert (finding.fault, finding.index) == (Fault.FORKED, MIDDLE + 1)


def test_history_written_anew_contradicts_its_checkpoints(log: Copy) -> None:
    changed = values(log)
    changed[MIDDLE]["correlation_id"] = "someone"
    log.rewrite(changed, None)
    assert log.finding().fault is Fault.FORKED


def test_history_written_anew_and_signed_contradicts_a_checkpoint_kept_elsewhere(sound: Copy, log: Copy) -> None:
    note = listed(sound).notes[-2].note
    changed = values(log)
    changed[MIDDLE]["correlation_id"] = "someone"
    log.rewrite(changed, log.signer)
    assert log.finding(kept=read_kept(note)).fault is Fault.FORKED


def head_at(log: Copy, size: int) -> None:
    """Move the head back to how it was at a kept checkpoint, everything about it consistent."""
    entries, trees = chained(values(log)[:size])
    assert entries == log.entries()[:size]
    log.run(
        (
            "UPDATE head SET size = ?, frontier = ?, chain_hash = ?, recorded_at = ?, checkpoint = ? WHERE log_id = ?",
            (
                size,
                trees[-1].to_bytes(),
                from_b64url(values(log)[size]["prev"]),
                parse_instant(values(log)[size - 1]["recorded_at"]),
                sign(log.signer, trees[-1]),
                log.log_id,
            ),
        )
    )


def test_the_head_rolled_back(log: Copy) -> None:
    head_at(log, EARLIER)
    assert log.finding().fault is Fault.ROLLED_BACK


def test_head_and_tail_rolled_back_show_by_a_checkpoint_left_over(log: Copy) -> None:
    head_at(log, EARLIER)
    log.replace_entries(log.entries()[:EARLIER])
    assert log.finding().fault is Fault.ROLLED_BACK


def test_all_rolled_back_shows_by_a_checkpoint_kept_elsewhere(sound: Copy, log: Copy) -> None:
    head_at(log, EARLIER)
    log.replace_entries(log.entries()[:EARLIER])
    log.run(("DELETE FROM checkpoint WHERE log_id = ? AND size > ?", (log.log_id, EARLIER)))
    finding = log.finding(kept=read_kept(listed(sound).stored_head.checkpoint))
    assert (finding.fault, finding.check) == (Fault.ROLLED_BACK, 6)


def test_checkpoints_signed_with_another_key(log: Copy) -> None:
    log.sign_again(other_signer(), chained(values(log))[1])
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.WRONG_KEY, 5)
    assert log.verify(vkeys=()).finding == finding  # the log itself names another key


def test_all_signed_again_with_another_key(log: Copy) -> None:
    signer = other_signer()
    changed = values(log)
    changed[0]["payload"]["keys"] = [{"key_id": signer.key_id, "vkey": signer.vkey, "purpose": "commit"}]
    log.rewrite(changed, signer)
    finding = log.finding()
    assert (finding.fault, finding.check, finding.index) == (Fault.RE_SIGNED, 5, 0)


def test_time_set_back(log: Copy) -> None:
    changed = values(log)
    earlier = instant_text(parse_instant(changed[MIDDLE - 1]["recorded_at"]) - 1)  # type: ignore[arg-type]
    changed[MIDDLE]["recorded_at"] = earlier
    log.rewrite(changed, log.signer)
    finding = log.finding()
    assert (finding.fault, finding.check, finding.index) == (Fault.TIME_REVERSED, 9, MIDDLE)


def test_an_entry_left_out_by_the_writer(log: Copy) -> None:
    changed = values(log)
    at = next(n for n, value in enumerate(changed) if value["subject_index"] == 1)
    del changed[at]
    log.rewrite(changed, log.signer)
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.MISSING, 2)


def test_an_entry_slipped_in_by_the_writer(log: Copy) -> None:
    changed = values(log)
    changed.insert(MIDDLE, changed[MIDDLE - 1])
    log.rewrite(changed, log.signer)
    finding = log.finding()
    assert (finding.fault, finding.check, finding.index) == (Fault.INSERTED, 2, MIDDLE)


def test_half_a_command(log: Copy) -> None:
    changed = values(log)
    at = next(n for n, value in enumerate(changed) if value.get("part") == [1, 2])
    changed[at]["part"] = [1, 3]
    log.rewrite(changed, log.signer)
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.MISSING, 2)


def test_a_command_half_at_the_end(log: Copy) -> None:
    changed = values(log)
    changed[-1]["part"] = [1, 2]
    log.rewrite(changed, log.signer)
    assert log.finding().check == 2


def test_state_edited(log: Copy) -> None:
    log.run(("UPDATE toy_counter SET total = total + 1 WHERE log_id = ? AND id = 'toy_0'", (log.log_id,)))
    finding = log.finding()
    assert (finding.fault, finding.check) == (Fault.STATE_DRIFT, 11)
    assert finding.place == Place("toy_counter", ("toy_0", "n"), "total")
    assert (finding.expected, finding.found) == ("total 6", "7")


def test_state_removed_and_added(log: Copy) -> None:
    log.run(("DELETE FROM toy_counter WHERE log_id = ? AND id = 'toy_1'", (log.log_id,)))
    assert log.finding().place == Place("toy_counter", ("toy_1", "n"))
    log.run(("INSERT INTO toy_counter VALUES (?, 'toy_1', 'n', 6)", (log.log_id,)))
    log.run(("INSERT INTO toy_counter VALUES (?, 'toy_77', 'n', 5)", (log.log_id,)))
    assert log.finding().place == Place("toy_counter", ("toy_77", "n"))


def test_the_rest_since_what_an_earlier_verification_kept(sound: Copy, log: Copy) -> None:
    entries, trees = chained(values(sound))
    subject = Subject(sound.database, LOG, ORIGIN, (COUNTER,), folds())
    _, verified = verify_database(subject, Manner((sound.signer.vkey,)))
    assert verified is not None
    whole = read_kept(keep(verified))
    assert (whole.frontier, whole.chain) == (trees[-1], verified.chain)
    report = sound.verify(kept=whole)
    assert (report.is_sound, report.since, report.size) == (True, LAST + 1, LAST + 1)
    early = read_kept(sign(sound.signer, trees[MIDDLE]))
    report = sound.verify(kept=early)
    assert (report.is_sound, report.since) == (True, MIDDLE)
    assert {c.number: c.status for c in report.checks}[6] is Status.PASSED
    log.set_entry(LAST - 1, encode({**values(log)[LAST - 1], "correlation_id": "someone"}))
    assert log.finding(kept=early).index == LAST - 1
    assert entries[MIDDLE].leaf_hash == leaf_hash(entries[MIDDLE].data)


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}", b'{"payload":1}'])
def test_a_first_entry_that_names_no_key_is_a_fault_and_no_error(sound: Copy, log: Copy, data: bytes) -> None:
    kept = read_kept(sign(sound.signer, chained(values(sound))[1][MIDDLE]))
    log.set_entry(0, data)
    finding = log.finding(kept=kept)
    assert finding.index == 0
    assert finding.fault in (Fault.ALTERED, Fault.RE_SIGNED)


def test_a_kept_checkpoint_that_no_pinned_key_signed_is_refused(sound: Copy) -> None:
    kept = read_kept(sign(other_signer(), chained(values(sound))[1][MIDDLE]))
    with pytest.raises(BrokenInput, match="kept elsewhere"):
        sound.verify(kept=kept)
