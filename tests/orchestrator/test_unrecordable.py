"""What follows from an event cannot be recorded: the event is, the rest is held, and nobody else waits for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM
from ledger.canonical import SAFE_INTEGER
from ledger.clock import Instant
from ledger.errors import BrokenInput, Misuse, TooLarge, Unavailable
from ledger.work import Answer, Request
from orchestrator import commands as c
from orchestrator import kept, tables
from orchestrator.bulk_tables import BULK_ITEM
from orchestrator.message_tables import MESSAGE
from orchestrator.runner import Runner
from orchestrator.unrecordable import FAULT, NOT_RECORDABLE, TOO_LARGE, code_of, sent_again
from tests.orchestrator.house import BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_schedules import Office as Timetable
from tests.orchestrator.test_undoing import call, make, took
from tests.orchestrator.test_work import Outside, runner
from tests.orchestrator.toy import HERE, SECOND, end, task
from versioning import blueprint as b
from versioning.act_rules import ActRule

LONG = "x" * 19_000  # fits into an entry three times, and no more

WAIT = b.WaitStep("w", HERE, delay="PT1S", next="big")
OFTEN = tuple([(name, "note") for name in ("one", "two", "three", "four")])
BIG = b.JobStep("big", HERE, type="zz", arguments=OFTEN, hold_for="role ops", next="done")
CALL = b.CallStep("k", HERE, operation="x.y", into="note", hold_for="role ops", next="big")


def held(office: Office, instance: str) -> list[tuple[str, str]]:
    """Step and code of the open incidents."""
    return office.log.query(
        "SELECT step, code FROM incident WHERE log_id = {log} AND instance = ? AND state = 'open' ORDER BY number",
        (instance,),
    )


def rounds(office: Office, run: Runner, count: int = 3) -> None:
    for _ in range(count):
        run.round()
        office.log.now += SECOND


def test_a_timer_whose_follow_up_does_not_fit_is_fired_and_held_and_others_go_on() -> None:
    office = Office(WAIT, BIG, end())
    poisoned = office.start("A-1", note=LONG)
    fine = office.start("A-2", note="short")
    rounds(office, runner(office, Outside()))
    assert held(office, poisoned) == [("w", TOO_LARGE)]
    assert held(office, fine) == []
    assert office.row(tables.JOB, fine, 2).state == "created"
    assert office.log.query("SELECT 1 FROM timer WHERE log_id = {log} AND state = 'set'") == []
    assert [entry.kind for entry in office.log.entries].count("timer.fired") == 2
    office.check()


def test_an_answer_too_large_for_what_follows_is_asked_for_once_and_counts_as_done() -> None:
    office = Office(CALL, BIG, end())
    instance = office.start()
    outside = Outside(LONG)  # a second question would find no answer
    run = runner(office, outside)
    rounds(office, run, 4)
    assert held(office, instance) == [("k", TOO_LARGE)]
    assert len(outside.keys) == 1
    kinds = [entry.kind for entry in office.log.entries]
    assert kinds == ["instance.started", "call.started", "call.succeeded"]
    office.check()


def test_a_late_answer_that_does_not_fit_is_known_to_have_happened() -> None:
    office = Office(call("a", "done"), end())
    office.start(amount=5)
    (leased,) = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    office.done(c.StartCall(leased["call"], leased["lease"]), SYSTEM)
    office.done(c.CancelInstance(leased["call"].partition(".")[0]))
    office.done(c.SucceedCall(leased["call"], leased["lease"], unfit=TOO_LARGE), SYSTEM)
    assert took(office) == ["bank.undo_a"]
    make(office)
    office.check()


@pytest.mark.parametrize("until", ['"9999-12-31"', 'date("2255-06-06")'])
def test_an_instant_that_no_entry_can_say_is_held(until: str) -> None:
    office = Office(b.WaitStep("w", HERE, until=until, hold_for="role ops", next="done"), end())
    instance = office.start()
    assert held(office, instance) == [("w", "NO_INSTANT")]
    office.check()


FAR = "P90000D"  # 246 years: within what a blueprint may state, and beyond what an entry can say
FURTHEST = "P6999999993D"  # 999,999,999 weeks


@pytest.mark.parametrize("length", [FAR, FURTHEST])
@pytest.mark.parametrize(
    ("step", "found"),
    [
        (lambda far: task("w", "done", deadline=b.Deadline(far)), ("w", "NO_INSTANT")),
        (
            lambda far: task("w", "done", deadline=b.Deadline("PT1H", None, (b.Late(far, warn=True),))),
            ("w", "NO_INSTANT"),
        ),
        (
            lambda far: task("w", "done", deadline=b.Deadline(far, None, (b.Late("business PT1H", urgency=1),))),
            ("w", "NO_SUCH_CALENDAR"),
        ),
        (lambda far: b.WaitStep("w", HERE, delay=far, next="done"), ("w", "NO_INSTANT")),
        (lambda far: task("w", "done", watches=(b.Watch("after", far, "done"),)), ("w", "NO_INSTANT")),
    ],
)
def test_a_length_whose_end_no_entry_can_say_is_held_and_nobody_is_told_nonsense(
    step: Any, found: tuple[str, str], length: str
) -> None:
    office = Office(step(length), end())
    instance = office.start()
    assert held(office, instance) == [found]
    office.check()


@pytest.mark.parametrize("length", [FAR, FURTHEST])
def test_a_try_that_would_come_too_late_for_any_entry_is_no_try(length: str) -> None:
    retry = b.Retry(3, "fixed", length, length)
    office = Office(b.JobStep("w", HERE, type="zz", retry=retry, hold_for="role ops", next="done"), end())
    instance = office.start()
    (job,) = office.done(c.ActivateJobs("zz", "one"), WORKER).result["jobs"]
    office.done(c.FailJob(job["job"], job["lease"], "DOWN"), WORKER)
    assert held(office, instance) == [("w", "DOWN")]
    office.check()


@pytest.mark.parametrize("length", [FAR, FURTHEST])
def test_what_is_kept_or_proposed_for_ever_is_so_to_the_last_instant(length: str) -> None:
    send = b.SendStep("s", HERE, message="m", key="number", keep_for=length, next="f")
    office = Office(send, task("f", "done"), end())
    rule = ActRule("suspend", second="role ops", within=length)
    (known,) = office.house.released.values()
    office.house.release(replace(known, digest="d-2", blueprint=replace(known.blueprint, acts=(rule,))))
    instance = office.start()
    said = office.done(c.SuspendInstance(instance, "agreed"), BOB)
    assert said.result["expires_at"] == office.only(MESSAGE).expires_at == SAFE_INTEGER
    office.check()


def test_an_item_of_an_act_on_many_that_raises_is_refused_on_record() -> None:
    office = Office(task("f", "done"), end())
    ids = [office.start("A-1"), office.start("A-2")]
    bulk = office.done(c.StartBulk("suspend", tuple(ids)), BOB).result["bulk"]
    run = runner(office, Outside())

    def submit(requests: list[Request]) -> Sequence[Answer | Exception]:
        is_first = [type(one.command) is c.CarryOutItem and one.command == c.CarryOutItem(bulk, 1) for one in requests]
        answers = office.log.submit([one for one, first in zip(requests, is_first, strict=True) if not first])
        return [TooLarge("no") if first else answers.pop(0) for first in is_first]

    rounds(office, replace(run, submit=submit))
    assert [office.row(BULK_ITEM, bulk, place).state for place in (1, 2)] == ["refused", "done"]
    assert run.carry_out_items() == 0
    office.check()


def test_an_occurrence_that_raises_is_passed_over_on_record() -> None:
    office = Timetable().at("2026-12-04T09:00")
    (due,) = office.due()
    said = office.done(c.StartByClock("daily", Instant(due.due), due.local, TOO_LARGE), SYSTEM)
    assert said.result["refused"]["reason"] == "INVALID_DATA"
    assert TOO_LARGE in said.result["refused"]["message"]
    assert office.keys() == []
    assert office.due() == []
    office.check()


# The round


def test_a_part_that_fails_keeps_no_other_from_its_turn() -> None:
    office = Office(WAIT, BIG, end())
    instance = office.start(note="short")
    office.log.now += 2 * SECOND

    def away() -> int:
        raise OSError("the folder is gone")

    run = replace(runner(office, Outside()), receive=away)
    with pytest.raises(OSError, match="gone"):
        run.round()
    assert office.row(tables.JOB, instance, 2).state == "created"


def test_where_nothing_is_answered_nobody_is_held_for_it() -> None:
    office = Office(WAIT, BIG, end())
    instance = office.start(note="short")
    office.log.now += 2 * SECOND
    sent: list[Request] = []

    def gone(requests: list[Request]) -> Sequence[Exception]:
        sent.extend(requests)
        return [Unavailable("DATABASE", "it is away") for _ in requests]

    with pytest.raises(Unavailable):
        replace(runner(office, Outside()), submit=gone).round()
    assert all(not getattr(one.command, "unfit", "") for one in sent)
    assert held(office, instance) == []


def test_one_that_cannot_be_served_now_stays_due_while_others_are_served() -> None:
    office = Office(WAIT, BIG, end())
    ids = [office.start("A-1", note="short"), office.start("A-2", note="short")]
    office.log.now += 2 * SECOND
    run = runner(office, Outside())

    def partly(requests: list[Request]) -> Sequence[Answer | Exception]:
        answers: list[Any] = list(office.log.submit(requests[1:]))
        return [Unavailable("VAULT_EPOCH", "not now"), *answers]

    assert replace(run, submit=partly).fire_timers() == 1
    assert [one for one in ids if held(office, one)] == []
    assert run.fire_timers() == 1


def test_what_is_sent_again_and_what_is_not() -> None:
    fire = Request(SYSTEM, c.FireTimer("pi_1.2/delay", Instant(5)))
    assert sent_again(fire, Unavailable("DATABASE", "away")) is None
    again = sent_again(fire, BrokenInput("expected another"))
    assert again == Request(SYSTEM, c.FireTimer("pi_1.2/delay", Instant(5), NOT_RECORDABLE))
    assert again is not None
    assert sent_again(again, BrokenInput("expected another")) is None
    assert sent_again(Request(SYSTEM, c.ExpireMessage("ms_1", Instant(5))), TooLarge("no")) is None
    item = sent_again(Request(BOB, c.CarryOutItem("bk_1", 3), "bk_1.3"), Misuse("a bug"))
    assert item == Request(BOB, c.CarryOutItem("bk_1", 3, FAULT), "bk_1.3.unfit")
    assert code_of(TooLarge("no")) == TOO_LARGE


# Messages that are kept

DOCUMENTS = b.WaitStep("docs", HERE, message="m", key="number", into="note", next="done")


def message(size: int, key: str = "A-1") -> c.Correlate:
    return c.Correlate(message="m", key=key, data="x" * size, keep_for="P1D")


def test_a_message_that_nobody_could_lay_into_an_entry_is_not_kept() -> None:
    office = Office(task("f", "docs"), DOCUMENTS, end())
    with pytest.raises(TooLarge):
        office.send(message(kept.DATA_BYTES_MAX - 1), WORKER)
    office.done(message(kept.DATA_BYTES_MAX - 2), WORKER)  # and two quotation marks


def test_kept_messages_are_delivered_as_far_as_they_fit_into_one_entry() -> None:
    again = replace(DOCUMENTS, id="more", next="done", hold_for="role ops")
    office = Office(task("f", "docs"), replace(DOCUMENTS, next="more"), again, end())
    instance = office.start()
    for _ in range(2):
        office.done(message(len(LONG)), WORKER)
    office.complete("f")  # whoever completes it is not turned down for what others have sent
    assert held(office, instance) == [("more", "MESSAGE_LIMIT")]
    incident = office.log.query("SELECT number FROM incident WHERE log_id = {log}")[0][0]
    office.done(c.ResolveIncident(f"{instance}.{incident}", "retry"), BOB)
    assert office.instance(instance).status == "ended"
    office.check()
