"""Check 7: what witnesses cosigned holds against whoever has the database and the log's keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from api.cli import run as command_line
from ledger.actor import SYSTEM
from ledger.batch import Batch
from ledger.checking import CHECKS
from ledger.cosignature import cosign
from ledger.database import Database
from ledger.errors import BrokenInput, BrokenState
from ledger.note import ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE, VerifierKey, parse_note, parse_vkey, verifier_key
from ledger.policy import NONE, Group, Policy, TrustedLog, TrustedWitness, format_policy
from ledger.reading import Reader
from ledger.rebuilding import rebuild
from ledger.stored import CosignedRows, DatabaseSource
from ledger.tree import CompactRange
from ledger.verify.cosigned import Cosignatures
from ledger.verify.pack_witnesses import pack_witnesses
from ledger.verify.report import Fault, Place, Status, Strength, Witnessed
from ledger.work import Answer, Done, Request
from tests.conftest import SetClock
from tests.ledger.tampering import Copy, chained, copy_of, sign, write_log
from tests.ledger.test_verify import MIDDLE, other_signer, values
from tests.migrated import migrated_postgresql, migrated_sqlite

KEYS: dict[str, tuple[Any, int]] = {
    "audit": (MLDSA44PrivateKey.generate(), ML_DSA_44_COSIGNATURE),
    "regulator": (Ed25519PrivateKey.generate(), ED25519_COSIGNATURE),
    "peer": (Ed25519PrivateKey.generate(), ED25519_COSIGNATURE),
}
SIZES = {5: ("audit",), MIDDLE: ("audit", "regulator"), 17: ("audit", "regulator", "peer"), 21: ("peer",)}


def key_of(name: str) -> VerifierKey:
    private, kind = KEYS[name]
    return verifier_key(f"{name}.example.com/w", kind, private.public_key().public_bytes_raw())


def policy(least: int, *names: str, logs: tuple[TrustedLog, ...] = ()) -> Policy:
    witnesses = tuple(TrustedWitness(name, key_of(name)) for name in names)
    return Policy(logs, witnesses, (Group("all", least, names),), "all")


PUBLISHED_AT = SetClock().at
TWO = policy(2, "audit", "regulator")


def publish(copy: Copy, sizes: dict[int, tuple[str, ...]]) -> None:
    """Publish these sizes of the log as it is, cosigned by these witnesses."""
    trees = chained(values(copy))[1]
    for size, names in sizes.items():
        note = sign(copy.signer, trees[size])
        if not copy.ask("SELECT size FROM published WHERE log_id = {log} AND size = ?", size):
            copy.run(("INSERT INTO published VALUES (?, ?, ?, ?, ?)", (copy.log_id, size, note, PUBLISHED_AT, "hour")))
        for name in names:
            line = cosign(key_of(name), KEYS[name][0].sign, parse_note(note).text, 1_700_000_000)
            row = (copy.log_id, size, key_of(name).key_id.hex(), "cosignature", line.encode(), 1)
            copy.run(("INSERT INTO published_line VALUES (?, ?, ?, ?, ?, ?)", row))


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def server(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("postgresql") if request.param == "postgresql" else None


@pytest.fixture(scope="module")
def sound(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    folder = tmp_path_factory.mktemp("log")
    database: Database
    database = migrated_postgresql(server) if server else migrated_sqlite(folder / "ledger.sqlite")
    copy = Copy(database, write_log(database, folder / "keys", SetClock()))
    publish(copy, SIZES)
    return copy


@pytest.fixture
def log(sound: Copy, server: Any, tmp_path: Path) -> Iterator[Copy]:
    copy = copy_of(sound, tmp_path, server)
    yield copy
    if server is not None:
        server.drop_database(copy.database.dsn)  # type: ignore[attr-defined]


def found(log: Copy, given: Policy = TWO) -> tuple[int, Fault, Place | None]:
    finding = log.finding(policy=given)
    return finding.check, finding.fault, finding.place


def test_the_strength_says_who_and_how_far(sound: Copy) -> None:
    report = sound.verify(policy=TWO)
    assert report.is_sound
    assert report.strength is Strength.WITNESSED
    assert report.witnessed is not None
    assert (report.witnessed.names, report.witnessed.size) == (("audit", "regulator"), 17)
    words = report.words()
    assert "strength: witnessed by audit, regulator up to size 17" in words
    assert "entries 17 to 24 stand on the operator's word alone" in words
    assert "witness audit: cosigned up to size 17" in words
    assert report.as_json()["witnessed"] == {"names": ["audit", "regulator"], "size": 17}
    assert {c.number: c.status for c in report.checks}[7] is Status.PASSED


@pytest.mark.parametrize(
    ("least", "names", "size", "by"),
    [
        (1, ("audit",), 17, ("audit",)),
        (1, ("audit", "peer"), 21, ("peer",)),
        (3, ("audit", "regulator", "peer"), 17, ("audit", "peer", "regulator")),
        (2, ("regulator", "peer"), 17, ("peer", "regulator")),
    ],
)
def test_the_quorum_decides(sound: Copy, least: int, names: tuple[str, ...], size: int, by: tuple[str, ...]) -> None:
    report = sound.verify(policy=policy(least, *names))
    assert report.witnessed is not None
    assert (report.witnessed.size, report.witnessed.names) == (size, by)


def test_without_a_policy_nothing_is_claimed(sound: Copy) -> None:
    report = sound.verify()
    assert (report.is_sound, report.strength, report.witnessed) == (True, Strength.OPERATOR_ONLY, None)
    (seventh,) = [check for check in report.checks if check.number == 7]
    assert (seventh.status, seventh.note) == (Status.NOT_RUN, "no witness policy was given")


def test_a_policy_that_asks_for_nobody_claims_nothing(sound: Copy) -> None:
    report = sound.verify(policy=Policy((), (), (), NONE))
    assert (report.is_sound, report.strength, report.witnessed) == (True, Strength.OPERATOR_ONLY, None)


def test_the_keys_of_the_policy_count_as_pinned(sound: Copy) -> None:
    own = (TrustedLog(parse_vkey(sound.signer.vkey)),)
    report = sound.verify(vkeys=(), policy=policy(1, "audit", logs=own))
    assert {c.number: c.status for c in report.checks}[5] is Status.PASSED
    other = (TrustedLog(parse_vkey(other_signer().vkey)),)
    assert sound.finding(vkeys=(), policy=policy(1, "audit", logs=other)).fault is Fault.RE_SIGNED
    with pytest.raises(BrokenInput, match="names the log"):
        sound.verify(policy=policy(1, "audit", logs=(TrustedLog(parse_vkey(other_signer("x.example").vkey)),)))


def rewritten(log: Copy, at: int = MIDDLE - 2) -> None:
    """History written anew and signed with the log's own key, stolen: what others signed contradicts it."""
    changed = values(log)
    changed[at]["correlation_id"] = "someone"
    log.rewrite(changed, log.signer)
    last = {changed[entry.idx]["subject"]: entry for entry in log.entries()}
    statement = "UPDATE subject SET last_leaf = ? WHERE log_id = ? AND subject = ?"
    log.run(*[(statement, (entry.leaf_hash, log.log_id, subject)) for subject, entry in last.items()])
    for table in ("tile", "reached"):  # whoever holds the key publishes anew as well
        log.run((f"DELETE FROM {table} WHERE log_id = ?", (log.log_id,)))


def tiles_anew(log: Copy, size: int) -> None:
    """What the operator's own publisher would leave, published up to this size."""
    log.run(("INSERT INTO reached VALUES (?, 'published', ?, ?)", (log.log_id, size, PUBLISHED_AT)))
    connection = log.database.connect()
    reader = Reader(log.workings.log, SetClock(), lambda: log.database.connect(read_only=True))

    def send(command: Any) -> Done:
        (answer,) = Batch(log.workings, connection).run([Request(SYSTEM, command)])
        assert isinstance(answer, Answer)
        assert isinstance(answer.outcome, Done)
        return answer.outcome

    rebuild(reader, send)
    reader.close()
    connection.close()


def test_a_stolen_commit_key_contradicts_what_was_cosigned(log: Copy) -> None:
    rewritten(log)
    finding = log.finding(policy=TWO)
    assert (finding.check, finding.fault) == (7, Fault.FORKED)
    assert finding.place == Place("published", (MIDDLE,), "note")
    assert "audit, regulator" in finding.expected


def test_a_stolen_commit_key_that_publishes_anew_has_no_quorum(log: Copy) -> None:
    rewritten(log)
    trees = chained(values(log))[1]
    for size in SIZES:
        statement = "UPDATE published SET note = ? WHERE log_id = ? AND size = ?"
        log.run((statement, (sign(log.signer, trees[size]), log.log_id, size)))
    assert found(log)[:2] == (7, Fault.ALTERED)  # the old lines do not fit the new notes
    log.run(("DELETE FROM published_line WHERE log_id = ?", (log.log_id,)))
    assert found(log) == (7, Fault.RE_SIGNED, None)
    log.run(("DELETE FROM published WHERE log_id = ?", (log.log_id,)))
    assert found(log) == (7, Fault.RE_SIGNED, None)


def test_what_comes_after_the_quorum_is_the_operators_word(log: Copy) -> None:
    rewritten(log, at=19)
    assert found(log, policy(1, "peer"))[:2] == (7, Fault.FORKED)
    for table in ("published", "published_line"):
        log.run((f"DELETE FROM {table} WHERE log_id = ? AND size > 17", (log.log_id,)))
    tiles_anew(log, 17)
    report = log.verify(policy=TWO)
    assert report.is_sound, report.finding  # and it is said how far the witnesses vouch
    assert report.witnessed is not None
    assert report.witnessed.size == 17


def test_a_rolled_back_log_is_smaller_than_what_was_cosigned(log: Copy) -> None:
    log.run(("DELETE FROM checkpoint WHERE log_id = ? AND size > 17", (log.log_id,)))
    log.rewrite(values(log)[:17], log.signer)
    assert found(log, policy(1, "peer")) == (7, Fault.ROLLED_BACK, Place("published", (21,)))


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE published SET note = 'x' WHERE size = 5", Place("published", (5,), "note")),
        (
            "UPDATE published_line SET size = 8 WHERE size = 9 AND key_id = 'AUDIT'; "
            "UPDATE published SET size = 8 WHERE size = 9",
            Place("published", (8,), "size"),
        ),
        ("UPDATE published_line SET value = ? WHERE size = 5", Place("published_line", (5, "KEY"), "value")),
        ("UPDATE published_line SET key_id = '00' WHERE size = 5", Place("published_line", (5, "00"), "value")),
    ],
)
def test_an_edited_row_is_named(log: Copy, statement: str, place: Place) -> None:
    for one in statement.replace("AUDIT", key_of("audit").key_id.hex()).split("; "):
        log.run((one, (b"\xff no line\n",) if "?" in one else ()))
    key = tuple(key_of("audit").key_id.hex() if part == "KEY" else part for part in place.key)
    assert found(log, policy(1, "audit")) == (7, Fault.ALTERED, Place(place.table, key, place.column))


def test_a_line_moved_to_another_size_does_not_verify_there(log: Copy) -> None:
    audit = key_of("audit").key_id.hex()
    move = "UPDATE published_line SET value = (SELECT value FROM published_line WHERE size = 5 AND key_id = ?) "
    log.run((move + "WHERE size = 17 AND key_id = ?", (audit, audit)))
    assert found(log) == (7, Fault.ALTERED, Place("published_line", (17, audit), "value"))


def test_every_bit_of_a_line_counts(log: Copy) -> None:
    audit = key_of("audit").key_id.hex()
    ((value,),) = log.ask("SELECT value FROM published_line WHERE size = 17 AND key_id = ?", audit)
    for place in range(0, len(value), 331):
        changed = bytearray(value)
        changed[place] ^= 1
        update = "UPDATE published_line SET value = ? WHERE size = 17 AND key_id = ?"
        log.run((update, (bytes(changed), audit)))
        assert found(log)[:2] == (7, Fault.ALTERED), place


def test_what_is_published_while_it_runs_is_no_roll_back(log: Copy) -> None:
    # The log goes on growing under a verification; what was not there when it began is left to the next one.
    source = DatabaseSource(log.database, log.log_id, log.workings.log.origin)
    check = Cosignatures(CosignedRows(source), TWO, CHECKS)
    assert check.begin() is None
    trees = chained(values(log))[1]
    note = sign(log.signer, trees[24].append(bytes(32)))
    line = cosign(key_of("audit"), KEYS["audit"][0].sign, parse_note(note).text, 1_700_000_000)
    log.run(("INSERT INTO published VALUES (?, ?, ?, ?, ?)", (log.log_id, 25, note, PUBLISHED_AT, "hour")))
    row = (log.log_id, 25, key_of("audit").key_id.hex(), "cosignature", line.encode(), 1)
    log.run(("INSERT INTO published_line VALUES (?, ?, ?, ?, ?, ?)", row))
    verified = type("Verified", (), {"size": 24})()
    assert check(verified) is None
    assert check.witnessed is not None
    assert check.witnessed.size == 17
    later = Cosignatures(CosignedRows(source), TWO, CHECKS)
    later.begin()
    finding = later(verified)
    assert finding is not None
    assert finding.fault is Fault.ROLLED_BACK
    source.close()


def test_a_pack_needs_the_quorum_under_its_last_checkpoint(sound: Copy) -> None:
    trees = chained(values(sound))[1]

    def note(size: int, *names: str, wrong: bool = False) -> str:
        written = sign(sound.signer, trees[size])
        text = sign(sound.signer, trees[3]) if wrong else written
        lines = [cosign(key_of(name), KEYS[name][0].sign, parse_note(text).text, 5) for name in names]
        return written + "".join(lines)

    last = pack_witnesses([note(5), note(9, "audit", "regulator")], TWO, CHECKS)
    assert (last.witnessed, last.fault) == (Witnessed(("audit", "regulator"), 9), "")
    smaller = pack_witnesses([note(5, "audit", "regulator"), note(9, "audit")], TWO, CHECKS)
    assert smaller == (
        Witnessed(("audit", "regulator"), 5),
        "the quorum of the policy cosigned the first 5 of 9 entries",
    )
    assert pack_witnesses([note(9, "audit")], TWO, CHECKS).witnessed is None
    assert "no checkpoint" in pack_witnesses([note(9, "audit")], TWO, CHECKS).fault
    assert "does not verify" in pack_witnesses([note(9, "audit", wrong=True)], TWO, CHECKS).fault
    assert pack_witnesses([note(9)], Policy((), (), (), NONE), CHECKS) == (None, "")


def test_leaf_hashes_that_are_not_there_end_the_check() -> None:
    class Short:
        origin = "ledger.example.com/acme"

        def leaf_hashes(self, start: int, end: int) -> list[bytes]:
            return [bytes(32)][start:end]

    with pytest.raises(BrokenState):
        Cosignatures(Short(), TWO, CHECKS)._grown(CompactRange(), 3)  # type: ignore[arg-type]


def test_the_command_takes_a_policy_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy"
    path.write_bytes(format_policy(TWO) + b"broken\n")
    assert command_line(["verify", "--policy", str(path)]) == 2
    assert "line 5" in capsys.readouterr().err
    assert command_line(["verify", "--policy", str(tmp_path / "none")]) == 2
