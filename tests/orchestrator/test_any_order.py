"""Branches that people begin in any order: begun again, passed over; what that does to joins, decisions and undoing."""

from typing import Any

import pytest

from ledger.errors import BrokenState
from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from orchestrator.branch_transitions import BranchBegunAgain, BranchPassedOver
from orchestrator.branching import choices_of
from orchestrator.fold import apply
from orchestrator.instance import Activation, Instance
from orchestrator.resume import Deliver
from orchestrator.steering import Resume, Suspend
from orchestrator.transition_values import from_value, to_value
from orchestrator.undo_transitions import UndoBegun, UndoKept
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.test_undoing import call, make, took
from tests.orchestrator.toy import HERE, Driver, decide, end, found, task, version
from versioning import blueprint as b
from versioning.net import net_of
from versioning.soundness import soundness

FORK = "pi_toy.1"
ALL = ("a", "x", "z")


def fork(**fields: Any) -> b.AllStep:
    said = {"branches": ALL, "next": "c", "begun_by": "role clerks", "may_repeat": ALL, "may_pass_over": ALL}
    return b.AllStep("all", HERE, **{**said, **fields})


def steps(**fields: Any) -> tuple[b.Step, ...]:
    return fork(**fields), task("a", "b"), task("b"), task("x"), task("z"), task("c", "done"), end()


def driver(**fields: Any) -> Driver:
    return Driver(version(*steps(**fields)))


def begin(run: Driver, branch: str) -> Any:
    return run.do(c.BeginBranch(FORK, branch))


def again(run: Driver, branch: str) -> Any:
    return run.do(c.RepeatBranch(FORK, branch, "once more"))


def over(run: Driver, branch: str) -> Any:
    return run.do(c.PassOverBranch(FORK, branch, "not needed"))


def done(run: Driver, branch: str) -> None:
    assert not isinstance(begin(run, branch), Refusal)
    finish(run, branch)


def finish(run: Driver, branch: str) -> None:
    for step in (branch, "b") if branch == "a" else (branch,):
        run.complete(step)


# What may be done when


def test_a_branch_that_has_ended_is_begun_again_while_the_join_waits() -> None:
    run = driver()
    done(run, "a")
    assert run.instance.live[0].arrived == ("a",)
    found(again(run, "a"), BranchBegunAgain)
    assert (run.names(), list(run.instance.live[0].arrived)) == (["all", "a"], [])
    for act in (begin, again):  # one after the other: nothing else begins meanwhile
        assert isinstance(act(run, "x"), Refusal)
    finish(run, "a")
    begin(run, "x")
    assert isinstance(again(run, "a"), Refusal)
    finish(run, "x")
    done(run, "z")
    assert run.names() == ["c"]
    entered = [one.step for one in run.all(t.StepEntered)]
    assert entered == ["all", "a", "b", "a", "b", "x", "z", "c"]


def test_nothing_is_begun_again_that_was_not_begun_or_is_under_way() -> None:
    run = driver()
    assert isinstance(again(run, "a"), Refusal)
    begin(run, "a")
    assert isinstance(again(run, "a"), Refusal)
    finish(run, "a")
    done(run, "x")
    done(run, "z")
    assert isinstance(again(run, "a"), Refusal)  # the join has fired
    assert isinstance(over(run, "a"), Refusal)


@pytest.mark.parametrize(
    "fields", [{"may_repeat": (), "may_pass_over": ()}, {"may_repeat": ("x",), "may_pass_over": ("x",)}]
)
def test_what_the_blueprint_does_not_let_people_do_is_not_done(fields: Any) -> None:
    run = driver(**fields)
    assert isinstance(over(run, "a"), Refusal)
    done(run, "a")
    assert isinstance(again(run, "a"), Refusal)
    assert isinstance(over(run, "a"), Refusal)  # it has ended
    assert begin(run, "z") is not None
    assert isinstance(over(run, "z"), Refusal)  # under way, and not to be passed over either


def test_a_branch_that_was_not_begun_is_passed_over() -> None:
    run = driver()
    said = over(run, "z")
    assert [to_value(one) for one in said] == [
        {"t": "branch.passed_over", "activation": 1, "branch": "z", "by": "person:p"}
    ]
    assert isinstance(over(run, "z"), Refusal)
    assert isinstance(begin(run, "z"), Refusal)  # it is begun after all by an act that says why
    done(run, "a")
    done(run, "x")
    assert run.names() == ["c"]
    assert not [one for one in run.all(t.StepEntered) if one.step == "z"]


def test_a_branch_under_way_is_passed_over_with_all_that_is_open_in_it() -> None:
    watched = task("a", "b", watches=(b.Watch("message", "m", "done", "number"),), deadline=b.Deadline("PT1H"))
    run = Driver(version(fork(), watched, *steps()[2:]))
    begin(run, "a")
    said = over(run, "a")
    assert run.names() == ["all"]
    assert found(said, t.TaskCancelled)
    assert found(said, t.TimerCancelled)
    assert found(said, t.MessageUnsubscribed)
    done(run, "x")
    done(run, "z")
    assert run.names() == ["c"]


def test_branches_inside_a_branch_are_closed_with_it() -> None:
    inner = b.AllStep("a", HERE, branches=("i", "j"))
    run = Driver(version(fork(), inner, task("i"), task("j"), task("x"), task("z"), task("c", "done"), end()))
    begin(run, "a")
    assert run.names() == ["all", "a", "i", "j"]
    over(run, "a")
    assert run.names() == ["all"]


def test_what_was_passed_over_is_begun_after_all_even_where_nothing_is_repeated() -> None:
    run = driver(may_repeat=())
    over(run, "x")
    done(run, "a")
    found(again(run, "x"), BranchBegunAgain)
    finish(run, "x")
    assert run.names() == ["all"]
    assert isinstance(again(run, "x"), Refusal)  # it has ended now
    done(run, "z")
    assert run.names() == ["c"]


def test_where_every_branch_was_passed_over_the_join_fires() -> None:
    run = driver()
    for branch in ALL:
        over(run, branch)
    assert run.names() == ["c"]


# Joins that wait for some


def test_a_join_that_waits_for_some_waits_for_as_many_whatever_is_passed_over() -> None:
    run = driver(need=2)
    over(run, "z")
    assert isinstance(over(run, "x"), Refusal)  # two have to end, and two are left
    done(run, "a")
    assert run.names() == ["all"]  # the one passed over is no second
    again(run, "a")
    assert run.instance.live[0].arrived == ("-z",)
    finish(run, "a")
    done(run, "x")
    assert run.names() == ["c"]


def test_where_one_is_enough_all_but_one_may_be_passed_over() -> None:
    run = driver(need=1, may_repeat=())
    begin(run, "a")
    over(run, "a")
    over(run, "x")
    assert isinstance(over(run, "z"), Refusal)
    assert run.names() == ["all"]
    done(run, "z")
    assert run.names() == ["c"]


@pytest.mark.parametrize("need", [0, 1, 2])
def test_the_net_stays_sound(need: int) -> None:
    assert soundness(net_of(version(*steps(need=need)).blueprint)).verdict == "sound"


def test_the_net_passes_over_where_a_join_waits_for_all() -> None:
    causes = [one.cause for one in net_of(version(*steps(may_pass_over=("z",))).blueprint).transitions]
    assert causes.count("passed") == 1
    assert not [one for one in net_of(version(*steps(need=2)).blueprint).transitions if one.cause == "passed"]


# Around it


def test_nothing_of_it_happens_while_the_instance_stands_still() -> None:
    run = driver()
    done(run, "a")
    run.do(Suspend())
    assert isinstance(again(run, "a"), Refusal)
    assert isinstance(over(run, "x"), Refusal)
    run.do(Resume())
    assert not isinstance(again(run, "a"), Refusal)


def test_a_message_for_what_was_passed_over_comes_too_late() -> None:
    wait = b.WaitStep("x", HERE, message="m", key="number")
    run = Driver(version(fork(), task("a"), wait, task("z"), task("c", "done"), end()))
    begin(run, "x")
    number = run.at("x")
    over(run, "x")
    assert isinstance(run.do(Deliver(number)), Refusal)


def test_what_each_run_has_done_is_undone_the_last_first() -> None:
    office = Office(
        fork(branches=("a", "x"), may_repeat=("a",)), call("a", ""), task("x"),
        decide("c", (("yes", "done"), ("no", "back"))), b.UndoStep("back", HERE, next="done"), end(),
    )  # fmt: skip
    instance = office.start(amount=1)
    at = f"{instance}.1"
    office.done(c.BeginBranch(at, "a"))
    make(office)
    office.done(c.CorrectData(instance, {"amount": 2}, "another"))
    office.done(c.RepeatBranch(at, "a", "once more"))
    make(office)
    office.done(c.PassOverBranch(at, "x", "not needed"))
    office.complete("c", ANN, outcome="no")
    seen = []
    while took(office):
        (row,) = [one for one in office.log.view.rows["call"].values() if one.state == "requested"]
        seen.append((make(office), row.arguments))
    assert seen == [("bank.undo_a", '{"n":2}'), ("bank.undo_a", '{"n":1}')]
    assert office.instance(instance).status == "ended"
    office.check()


def test_cancelling_undoes_each_run() -> None:
    run = Driver(version(fork(branches=("a", "x")), call("a", ""), task("x"), task("c", "done"), end()))
    for act in (begin, again):
        act(run, "a")
        number = run.at("a")
        run.do(c.StartCall(f"pi_toy.{number}", ""))
        run.do(c.SucceedCall(f"pi_toy.{number}", "", {}))
    kept = [one.activation for one in run.all(UndoKept)]
    assert len(kept) == 2
    run.do(c.CancelInstance("pi_toy"))
    (first,) = run.all(UndoBegun)
    assert first.activation == kept[1]


# The fold refuses what cannot have been


@pytest.mark.parametrize(
    ("transition", "arrived"),
    [
        (BranchBegunAgain(1, "x", "p"), ()),
        (BranchBegunAgain(1, "x", "p"), ("z", "-a")),
        (BranchPassedOver(1, "x", "p"), ("x",)),
        (BranchPassedOver(1, "x", "p"), ("-x",)),
        (BranchPassedOver(2, "x", "p"), ()),
    ],
)
def test_a_transition_that_does_not_fit_is_broken(transition: Any, arrived: tuple[str, ...]) -> None:
    live = (Activation(1, "all", "joining", arrived=arrived),)
    with pytest.raises(BrokenState):
        apply(Instance("pi_toy", "active", 1, 2, live), (transition,))


def test_transitions_are_read_as_they_were_written() -> None:
    for one in (BranchBegunAgain(1, "x", "person:p"), BranchPassedOver(1, "x", "person:p")):
        assert from_value(to_value(one)) == one


def test_a_fork_whose_branches_begin_by_themselves_offers_nothing() -> None:
    live = Activation(1, "all", "joining")
    assert choices_of(fork(begun_by=None), live, (live,)) == ((), (), ())
    assert choices_of(fork(), live._replace(state="entered"), (live,)) == ((), (), ())
