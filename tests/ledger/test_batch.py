"""The write path on both databases: one commit, one serial history, refusals recorded, nothing half done."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Batch
from ledger.canonical import b64url
from ledger.chain import GENESIS, chain_hash, leaf_hash
from ledger.checkpoint import parse_checkpoint
from ledger.commands import OpenLog
from ledger.database import Database
from ledger.entry import parse_entry
from ledger.errors import BrokenInput, Misuse
from ledger.note import parse_note
from ledger.refusal import Reason, Refusal
from ledger.tables import ENTRY, EntryRow
from ledger.tree import root_of
from ledger.work import Answer, CommandSpec, Done, Request, UnitOfWork
from ledger.workings import Workings
from ledger.writer import Writer
from tests.conftest import SetClock
from tests.ledger.toy import PERSON, Bump, Create, Fail, Total, Unseal, open_workings


@pytest.fixture
def workings(database: Database, tmp_path: Path, clock: SetClock) -> Workings:
    return open_workings(database, tmp_path / "keys", clock)


def run(workings: Workings, database: Database, *requests: Request) -> list[Answer]:
    return [answered(result) for result in ended(workings, database, *requests)]


def ended(workings: Workings, database: Database, *requests: Request) -> list[Answer | Exception]:
    connection = database.connect()
    try:
        return Batch(workings, connection).run(list(requests))
    finally:
        connection.close()


def answered(result: Answer | Exception) -> Answer:
    if isinstance(result, Exception):
        raise result
    return result


def entries(workings: Workings, database: Database, count: int) -> list[EntryRow]:
    connection = database.connect(read_only=True)
    try:
        return connection.load(workings.log.log_id, ENTRY, [(index,) for index in range(count)])
    finally:
        connection.close()


def test_a_batch_chains_its_entries_and_signs_their_root(workings: Workings, database: Database) -> None:
    answers = run(
        workings,
        database,
        Request(PERSON, OpenLog("acme", ()), "c0"),
        *[Request(PERSON, Bump(f"toy_{n % 3}"), f"c{n + 1}") for n in range(7)],
    )
    rows = sorted(entries(workings, database, 8))
    chain = GENESIS
    for index, row in enumerate(rows):
        entry = parse_entry(row.bytes)
        assert (entry.index, entry.prev) == (index, b64url(chain))
        assert row.leaf_hash == leaf_hash(row.bytes)
        chain = chain_hash(chain, row.leaf_hash)
    receipt = answers[-1].receipt
    assert receipt is not None
    checkpoint = parse_checkpoint(parse_note(receipt.checkpoint).text)
    assert (checkpoint.size, checkpoint.root) == (8, root_of([row.leaf_hash for row in rows]))


def test_subject_indexes_have_no_holes_and_point_back(workings: Workings, database: Database) -> None:
    run(workings, database, *[Request(PERSON, Bump(f"toy_{n % 2}"), f"c{n}") for n in range(6)])
    run(workings, database, Request(PERSON, Bump("toy_0"), "c6"))
    rows = sorted(entries(workings, database, 7))
    places = [(entry.subject_index, row.previous) for row in rows for entry in [parse_entry(row.bytes)]]
    assert places == [(0, None), (0, None), (1, 0), (1, 1), (2, 2), (2, 3), (3, 4)]


def test_the_second_command_sees_the_first_ones_rows(workings: Workings, database: Database) -> None:
    answers = run(workings, database, *[Request(PERSON, Bump("toy_1", limit=3), f"c{n}") for n in range(5)])
    assert [type(answer.outcome) for answer in answers] == [Done, Done, Done, Refusal, Refusal]
    assert answers[3].receipt is not None
    assert answers[4].receipt == answers[3].receipt  # the repeat within a minute is answered with the first


def test_a_command_id_is_answered_once(workings: Workings, database: Database) -> None:
    first, again = run(workings, database, *[Request(PERSON, Bump("toy_1"), "same")] * 2)
    later, other = run(
        workings, database, Request(PERSON, Bump("toy_1"), "same"), Request(PERSON, Bump("toy_1", by=2), "same")
    )
    assert first.receipt is not None
    assert later.receipt is not None
    assert first.receipt == again.receipt
    assert later.receipt.index == first.receipt.index
    assert (first.outcome, later.outcome) == (again.outcome, again.outcome)
    assert isinstance(other.outcome, Refusal)
    assert other.outcome.reason is Reason.COMMAND_ID_REUSED


def test_a_recorded_refusal_is_answered_again(workings: Workings, database: Database) -> None:
    (first,) = run(workings, database, Request(PERSON, Bump("toy_1", by=9, limit=3), "r"))
    (again,) = run(workings, database, Request(PERSON, Bump("toy_1", by=9, limit=3), "r"))
    assert again.outcome == first.outcome
    assert again.repeated


@pytest.mark.parametrize("after_staging", [False, True])
def test_a_command_that_raises_leaves_nothing(workings: Workings, database: Database, after_staging: bool) -> None:
    one, failed, two = ended(
        workings,
        database,
        Request(PERSON, Bump("toy_1"), "a"),
        Request(PERSON, Fail(after_staging), "b"),
        Request(PERSON, Bump("toy_1"), "c"),
    )
    assert isinstance(failed, ZeroDivisionError)
    assert (answered(one).outcome, answered(two).outcome) == (
        Done("bumped", {"total": 1}),
        Done("bumped", {"total": 2}),
    )
    assert len(entries(workings, database, 9)) == 2
    (counted,) = run(workings, database, Request(PERSON, Total()))
    assert counted.outcome == Done("counted", {"total": 2})  # nor did a row of it stay


def test_a_query_sees_the_earlier_commands_of_its_batch(workings: Workings, database: Database) -> None:
    _, total, _, again = run(
        workings,
        database,
        Request(PERSON, Bump("toy_1", by=4), "a"),
        Request(PERSON, Total()),
        Request(PERSON, Bump("toy_2", by=3), "b"),
        Request(PERSON, Total()),
    )
    assert [total.outcome, again.outcome] == [Done("counted", {"total": 4}), Done("counted", {"total": 7})]


def test_asking_after_staging_is_a_bug(workings: Workings, database: Database) -> None:
    from ledger.entry import EntryDraft
    from tests.ledger.toy import COUNTER

    def handler(uow: UnitOfWork, _: Total) -> Done:
        uow.stage(EntryDraft("toy.bumped", 1, "toy_1", {"name": "n", "total": 1}))
        uow.get(COUNTER, "toy_1", "n")
        return Done("never")

    broken = replace(workings, commands={Total: CommandSpec("Total", handler, lambda _: "")})
    with pytest.raises(Misuse, match="asked after staging"):
        run(broken, database, Request(PERSON, Total(), "a"))


def test_a_sealed_value_is_opened_from_the_vault_alone(workings: Workings, database: Database) -> None:
    (bumped,) = run(workings, database, Request(PERSON, Bump("toy_1", secret="a name"), "a"))
    assert isinstance(bumped.outcome, Done)
    sealed = bumped.outcome.result["secret"]
    (opened,) = run(workings, database, Request(PERSON, Unseal("toy_1", sealed)))
    assert opened.outcome == Done("opened", {"value": "a name"})
    assert all(b"a name" not in row.bytes for row in entries(workings, database, 3))


def test_ids_made_in_the_batch_need_no_question(workings: Workings, database: Database) -> None:
    answers = run(workings, database, *[Request(PERSON, Create(), f"c{n}") for n in range(3)])
    made = [answer.outcome.result["id"] for answer in answers if isinstance(answer.outcome, Done)]
    assert made == sorted(set(made))
    (bumped,) = run(workings, database, Request(PERSON, Bump(made[1], by=5), "d"))
    assert bumped.outcome == Done("bumped", {"total": 5})


def test_a_writer_answers_many_callers(workings: Workings, database: Database) -> None:
    writer = Writer(workings, database.connect)
    futures = [writer.submit(Request(PERSON, Bump("toy_1"), f"c{n}")) for n in range(200)]
    totals = [future.result().outcome.result["total"] for future in futures]  # type: ignore[union-attr]
    writer.close()
    assert totals == list(range(1, 201))
    assert len(entries(workings, database, 200)) == 200


def test_operational_rows_sent_before_a_question_are_kept(workings: Workings, database: Database) -> None:
    run(workings, database, Request(PERSON, Bump("toy_1", by=9, limit=3), "r1"))
    # A batch of repeats alone: the question of the last command sends their rows, and nothing else makes it commit.
    run(workings, database, Request(PERSON, Bump("toy_1", by=9, limit=3), "r2"), Request(PERSON, Total()))
    (again,) = run(workings, database, Request(PERSON, Bump("toy_1", by=1), "r2"))
    assert isinstance(again.outcome, Refusal)
    assert again.outcome.reason is Reason.COMMAND_ID_REUSED


def test_a_command_that_cannot_say_what_it_reads_fails_alone(workings: Workings, database: Database) -> None:
    def reads(command: Fail) -> list[tuple[Any, tuple[Any, ...]]]:
        raise BrokenInput("expected an id")

    def handler(uow: UnitOfWork, command: Fail) -> Done:
        raise BrokenInput("expected an id")

    spec = CommandSpec("Fail", handler, lambda _: "", reads)
    broken = replace(workings, commands={**workings.commands, Fail: spec})
    connection = database.connect()
    failed, bumped = Batch(broken, connection).run([Request(PERSON, Fail(), "a"), Request(PERSON, Bump("toy_1"), "b")])
    connection.close()
    assert isinstance(failed, BrokenInput)
    assert isinstance(bumped, Answer)


def test_a_batch_that_is_over_is_freed_at_once(workings: Workings, database: Database) -> None:
    """A cycle would keep all rows of a batch until garbage is searched for: a sixth of the writer's time."""
    connection = database.connect()
    gc.collect()
    gc.disable()
    try:
        batch = Batch(workings, connection)
        batch.run([Request(PERSON, OpenLog("acme", ()), "c0"), Request(PERSON, Bump("toy_1"), "c1")])
        overlay = weakref.ref(batch.overlay)
        del batch
        assert overlay() is None
    finally:
        gc.enable()
        connection.close()
