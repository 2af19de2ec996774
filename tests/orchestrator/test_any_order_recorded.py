"""Branches begun again and passed over, on record: who may, how it is told, what it makes void, and the picture."""

from typing import Any

from governance.questions.facts import Record
from governance.questions.superseded import superseded
from governance.substitution import Standing
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator.progress import left_out, passed_over, progress, visits
from orchestrator.telling import words
from orchestrator.transition_values import to_value
from tests.orchestrator.house import ANN, BOB, EVE, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.test_any_order import ALL, again, begin, driver, fork, over, steps
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b

WAYS = (("yes", ""), ("no", ""))


def office(**fields: Any) -> tuple[Office, str]:
    made = Office(*steps(**fields))
    return made, f"{made.start()}.1"


def test_it_is_a_persons_act_of_the_role_with_a_reason() -> None:
    made, at = office()
    made.done(c.BeginBranch(at, "x"))
    made.complete("x")
    for command in (c.RepeatBranch(at, "x", "once more"), c.PassOverBranch(at, "z", "not needed")):
        assert made.refused(command, WORKER) is Reason.NOT_A_PERSON
        assert made.refused(command, EVE) is Reason.NO_RULE
        assert made.refused(type(command)(at, command.branch, " ")) is Reason.REASON_MISSING
        assert made.refused(type(command)(f"{at}9", command.branch, "no")) is Reason.NOT_FOUND
        made.house.refused.add(("task", "claim"))
        assert made.refused(command) is Reason.NO_RULE
        made.house.refused.clear()
    assert made.refused(c.RepeatBranch(at, "a", "once more")) is Reason.WRONG_STATE
    assert made.refused(c.PassOverBranch(at, "x", "not needed")) is Reason.WRONG_STATE
    made.check()


def test_who_when_and_why_stand_on_record() -> None:
    made, at = office()
    made.done(c.BeginBranch(at, "x"))
    begun = made.log.entries[-1]
    assert (begun.kind, begun.payload["role"], "reason" in begun.payload) == ("branch.begun", "clerks", False)
    made.complete("x")
    said = made.done(c.RepeatBranch(at, "x", "Jo Doe asked for it"), ANN)
    (entry,) = [one for one in made.log.entries if one.kind == "branch.begun_again"]
    assert said.outcome == "begun again"
    assert entry.actor["person"] == "person:ann"
    assert (entry.payload["role"], entry.basis["permit"]["rules"]) == ("clerks", ["task claim"])
    assert "$commitment" in entry.payload["reason"]
    assert "began a branch again" in words(entry)[0]
    assert "The branch of step `x` was begun once more by person:ann." in words(entry)
    made.done(c.PassOverBranch(at, "z", "not needed"))
    (entry,) = [one for one in made.log.entries if one.kind == "branch.passed_over"]
    assert "The branch of step `z` was passed over by person:bob, and is not waited for." in words(entry)
    made.check()


def test_whom_a_duty_bars_from_a_step_does_not_pass_it_over() -> None:
    """Bob has filled in what somebody else has to check; nor does who stands in for him have it left unchecked."""
    made = Office(
        fork(branches=("a", "x")), task("a", "b"), decide("b", WAYS, duties=(b.Duty("not step", "a"),)),
        task("x"), task("c", "done"), end(),
    )  # fmt: skip
    at = f"{made.start()}.1"
    command = c.PassOverBranch(at, "a", "not needed")
    made.done(c.BeginBranch(at, "a"))
    made.complete("a", BOB)
    assert made.refused(command, BOB) is Reason.SOD
    made.house.stand_ins.known.append(Standing("person:bob", "person:ann", 0, made.log.now + 10**12))
    assert made.refused(command, ANN) is Reason.SOD
    made.house.stand_ins.known.clear()
    made.done(command, ANN)
    made.check()


def test_a_decision_in_a_branch_that_is_begun_again_is_void_and_stays_on_record() -> None:
    made = Office(
        fork(branches=("a", "x", "y")), task("a", "b"), decide("b", WAYS),
        decide("x", WAYS), task("y"), task("c", "done"), end(),
    )  # fmt: skip
    at = f"{made.start(amount=3)}.1"
    for branch, by, outcome in (("a", BOB, "no"), ("x", ANN, "yes")):
        made.done(c.BeginBranch(at, branch))
        if branch == "a":
            made.complete("a")
        made.complete("b" if branch == "a" else "x", by, outcome=outcome)
    assert [*superseded(records(made))] == []
    made.done(c.RepeatBranch(at, "a", "the figures were wrong"))
    (void,) = superseded(records(made))
    assert (void.decided, void.step, void.since.kind) == ("b", "a", "branch.begun_again")
    made.complete("a")
    made.complete("b", ANN, outcome="yes")
    assert len([*superseded(records(made))]) == 1  # the one in its place counts, and so does that of the other branch
    assert len(made.log.view.rows["decision"]) == 3


def records(made: Office) -> list[Record]:
    return [Record(index, "", {"kind": one.kind, "payload": one.payload}) for index, one in enumerate(made.log.entries)]


# In the picture


def test_the_picture_tells_what_was_passed_over_and_what_was_ended() -> None:
    run = driver()
    over(run, "z")
    begin(run, "a")
    over(run, "a")
    recorded: Any = [(run.now, [to_value(one) for one in batch]) for batch in run.batches]
    out = left_out(run.plan.version.blueprint, passed_over(recorded))
    assert out == {"a", "b", "z"}
    told = progress(("a", "b", "x", "z"), visits(recorded), run.instance.live, out)
    assert [one.status for one in told] == ["stopped", "skipped", "untouched", "skipped"]
    again(run, "z")
    recorded = [(run.now, [to_value(one) for one in batch]) for batch in run.batches]
    assert passed_over(recorded) == {"a"}


def test_a_wait_that_was_ended_is_told_as_ended() -> None:
    wait = b.WaitStep("x", HERE, delay="PT1H")
    run = Driver(version(fork(), task("a"), wait, task("z"), task("c", "done"), end()))
    begin(run, "x")
    over(run, "x")
    recorded: Any = [(run.now, [to_value(one) for one in batch]) for batch in run.batches]
    (told,) = progress(("x",), visits(recorded), run.instance.live)
    assert (told.status, told.done_at) == ("stopped", None)


def test_what_follows_the_join_was_not_ended_by_who_passed_the_last_branch_over() -> None:
    run = driver()
    for branch in ALL:
        over(run, branch)
    recorded: Any = [(run.now, [to_value(one) for one in batch]) for batch in run.batches]
    assert visits(recorded)[1].how == "done"
