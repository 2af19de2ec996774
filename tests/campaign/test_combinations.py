"""Attacks in random combinations on a small log in memory: whatever is swapped, dropped, doubled, cut, changed or
signed again, the verifier never says *sound* - unless everything is as it was."""

from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.canonical import encode
from ledger.chain import chain_hash, leaf_hash
from ledger.clock import parse_instant
from ledger.keys import Ed25519Signer
from ledger.verification import read_kept
from ledger.verify.report import Fault
from ledger.verify.source import StoredCheckpoint, StoredEntry, StoredHead
from tests.conftest import SetClock
from tests.ledger.tampering import ORIGIN, Copy, Listed, chained, listed, sign, write_log
from tests.migrated import migrated_sqlite

THIEF = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
Step = tuple[str, int, int]
Change = Callable[[Listed, int, int], Listed]


def _renumbered(log: Listed, rows: list[StoredEntry]) -> Listed:
    return replace(log, rows=[row._replace(idx=index) for index, row in enumerate(rows)])


def swap(log: Listed, one: int, other: int) -> Listed:
    rows = list(log.rows)
    if rows:
        one, other = one % len(rows), other % len(rows)
        rows[one], rows[other] = rows[other], rows[one]
    return _renumbered(log, rows)


def drop(log: Listed, at: int, moved: int) -> Listed:
    rows = list(log.rows)
    if rows:
        del rows[at % len(rows)]
    return _renumbered(log, rows) if moved % 2 else replace(log, rows=rows)


def double(log: Listed, at: int, to: int) -> Listed:
    rows = list(log.rows)
    if rows:
        rows.insert(to % (len(rows) + 1), rows[at % len(rows)])
    return _renumbered(log, rows)


def truncate(log: Listed, by: int, _: int) -> Listed:
    return replace(log, rows=log.rows[: max(0, len(log.rows) - 1 - by % 8)])


def change(log: Listed, at: int, bit: int) -> Listed:
    rows = list(log.rows)
    if rows:
        row = rows[at % len(rows)]
        place = bit % len(row.data)
        data = row.data[:place] + bytes([row.data[place] ^ (1 << bit % 8)]) + row.data[place + 1 :]
        rows[at % len(rows)] = row._replace(data=data, leaf_hash=leaf_hash(data))
    return replace(log, rows=rows)


def leave_out_checkpoints(log: Listed, every: int, _: int) -> Listed:
    return replace(log, notes=[note for n, note in enumerate(log.notes) if n % (2 + every % 3)])


def rewrite(log: Listed, at: int, by: int) -> Listed:
    """The chain made anew over what is there, with the head; signed by nobody, or by somebody else."""
    values = []
    for row in log.rows:
        try:
            value = orjson.loads(row.data)
        except ValueError:
            continue
        if isinstance(value, dict) and {"subject", "recorded_at"} <= value.keys():
            values.append(value)
    if not values:
        return log
    values[at % len(values)]["correlation_id"] = "someone"
    try:
        rows, trees = chained(values)
        recorded = int(parse_instant(str(values[-1]["recorded_at"])))
    except Exception:  # what was changed before cannot even be encoded: there is nothing to chain
        return log
    chain = bytes(32)
    for row in rows:
        chain = chain_hash(chain, row.leaf_hash)
    notes: list[StoredCheckpoint] = list(log.notes)
    note = log.stored_head.checkpoint
    if by % 2:
        notes = [StoredCheckpoint(kept.size, sign(THIEF, trees[kept.size])) for kept in notes if kept.size < len(trees)]
        note = sign(THIEF, trees[-1])
    head = StoredHead(len(rows), note, len(rows), max((one.size for one in notes), default=0),
                      trees[-1].to_bytes(), chain, recorded)  # fmt: skip
    return replace(log, rows=rows, notes=notes, stored_head=head)


ACTS: dict[str, Change] = {
    "swap": swap,
    "drop": drop,
    "double": double,
    "truncate": truncate,
    "change": change,
    "leave out checkpoints": leave_out_checkpoints,
    "rewrite": rewrite,
}
steps = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Listed, Copy]:
    folder = tmp_path_factory.mktemp("combined")
    database = migrated_sqlite(folder / "ledger.sqlite")
    copy = Copy(database, write_log(database, folder / "keys", SetClock()))
    return listed(copy), copy


def attacked(log: Listed, acts: list[Step]) -> Listed:
    """The log after these acts; where its tables end is read with the head, as a database is asked for it."""
    for name, one, other in acts:
        log = ACTS[name](log, one, other)
    ends = max((row.idx + 1 for row in log.rows), default=0), max((note.size for note in log.notes), default=0)
    return replace(log, stored_head=log.stored_head._replace(entries_end=ends[0], checkpoints_end=ends[1]))


@given(acts=steps)
@settings(max_examples=300)
def test_no_combination_is_sound(small: tuple[Listed, Copy], acts: list[Step]) -> None:
    log, copy = small
    made = attacked(log, acts)
    report = made.verify(copy.signer.vkey)
    same = made.stored_head._replace(checkpoints_end=0) == log.stored_head._replace(checkpoints_end=0)
    if list(made.rows) == list(log.rows) and same:
        assert report.finding is None, "checkpoints that were left out are missed by nobody: the head states more"
        return
    assert report.finding is not None, acts
    assert report.finding.fault in set(Fault)


@given(at=st.integers(0, 23), size=st.integers(1, 24), acts=steps)
@settings(max_examples=100)
def test_no_combination_that_the_operator_signs_agrees_with_what_was_kept(
    small: tuple[Listed, Copy], at: int, size: int, acts: list[Step]
) -> None:
    """With the log's own key: everything fits together anew, and still the checkpoint kept elsewhere contradicts it,
    if the change lies before it."""
    log, copy = small
    values = [orjson.loads(row.data) for row in log.rows]
    trees = chained(values)[1]
    kept = read_kept(sign(copy.signer, trees[size]))
    values[at]["correlation_id"] = "someone"
    rows, new = chained(values)
    chain = bytes(32)
    for row in rows:
        chain = chain_hash(chain, row.leaf_hash)
    head = log.stored_head._replace(
        checkpoint=sign(copy.signer, new[-1]), frontier=new[-1].to_bytes(), chain_hash=chain
    )
    notes = [StoredCheckpoint(note.size, sign(copy.signer, new[note.size])) for note in log.notes]
    forged = replace(log, rows=rows, notes=notes, stored_head=head)
    assert forged.verify(copy.signer.vkey).finding is None, "the operator's own history verifies by itself"
    finding = forged.verify(copy.signer.vkey, kept=kept).finding
    assert (finding is not None and finding.fault is Fault.FORKED) == (at < size)
    assert encode(values[at]) != log.rows[at].data
    assert attacked(forged, acts).verify(copy.signer.vkey, kept=kept).finding is not None or at >= size
