"""Moving an instance keeps its marking one of the net: from wherever it was moved to, it comes to its end."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from governance.quorum import Seat
from ledger.clock import Instant
from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator.branching import choices_of
from orchestrator.children import EndChild
from orchestrator.instance import Activation
from orchestrator.moving import scope_of, targets
from orchestrator.resume import Deliver
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.voting import CastVote
from tests.orchestrator.random_blueprints import Builder, Pick
from tests.orchestrator.test_machine_properties import blueprints, conserved
from tests.orchestrator.toy import HERE, Driver, end, task, version
from versioning import blueprint as b
from versioning.branches import branches_of
from versioning.net import Scope, net_of
from versioning.soundness import soundness

VOTERS = 9  # others who could still vote: no vote is ever tied
BACK_UNTIL = 100
ROUNDS_MAX = 400
SEEDS = 600


def sound(version: b.BlueprintVersion) -> bool:
    return soundness(net_of(version.blueprint), 20_000).verdict == "sound"


def forward(driver: Driver, turn: int) -> bool:
    """Whoever an activation waits for does what leads on; False where nothing is left to do."""
    for activation in driver.instance.live:
        item, step = f"pi_toy.{activation.number}", driver.plan.steps[activation.step]
        done: Any = None
        who: dict[str, Any] = {}
        match activation.state:
            case states.OFFERED if isinstance(step, b.DecideStep) and step.quorum is not None:
                which = turn % len(step.outcomes) if turn < BACK_UNTIL else 0
                who = {"by": f"person:voter-{len(activation.votes)}"}  # one after another, and there is no lack of them
                done = CastVote(c.CompleteTask(item, step.outcomes[which]), Seat(VOTERS))
            case states.OFFERED:
                done = c.ClaimTask(item)
            case states.CLAIMED:
                outcomes = step.outcomes if isinstance(step, b.DecideStep) else ("",)
                expects = isinstance(step, b.TaskStep) and step.expects
                which = turn % len(outcomes) if turn < BACK_UNTIL else 0  # the first leads on: no loop is gone for ever
                done = c.CompleteTask(item, outcomes[which], {"amount": 6} if expects else {})
            case states.CREATED:
                done = c.CompleteJob(item, "")
            case states.REQUESTED:
                done = c.SucceedCall(item, "", {"score": 1})
            case states.WAITING:
                timer = next(iter(activation.timers), None)
                if timer is not None and activation.watch is None:
                    driver.now = max(driver.now, timer.due)
                    done = c.FireTimer(f"{item}/{timer.name}", Instant(timer.due))
                elif isinstance(step, b.WaitStep) and step.condition is not None and activation.watch is None:
                    done = Correct({"amount": 9})
                elif isinstance(step, b.WaitStep) and bool(step.message) is (activation.watch is None):
                    done = Deliver(activation.number)
            case states.JOINING:
                for branch in choices_of(step, activation, driver.instance.live).to_begin:
                    done = c.BeginBranch(item, branch)
            case states.RUNNING:
                done = EndChild(activation.number, activation.holder, "done")
            case states.HELD:
                done = _resolved(driver, activation.number)
        if done is not None and not isinstance(driver.do(done, **who), Refusal):
            return True
    return False


def _resolved(driver: Driver, number: int) -> Any:
    """What gets a held step going: past it, else at the end, whatever it lies in being moved there."""
    activation = driver.instance.activation(number)
    assert activation is not None
    skip = c.ResolveIncident(f"pi_toy.{activation.incident}", "skip")
    return _to_the_end(driver) if isinstance(driver.judge(skip), Refusal) else skip


def _to_the_end(driver: Driver) -> Any:
    """What stands in the place of the end is moved there.

    Where the end lies in a branch that nothing is in, what stands in the place of its fork is moved to that first, and
    the branch begun where people begin it. Where that fork is held in its turn, by an expression that always fails, the
    end is out of reach and somebody cancels.
    """
    place = branches_of(driver.plan.version.blueprint).scopes["done"]
    for depth, (fork, branch) in enumerate(place):
        if not _in(driver, place[: depth + 1]):
            (moved,) = _in(driver, place[:depth])
            assert not isinstance(driver.do(Modify(((moved.number, fork),))), Refusal)
            (at,) = _in(driver, place[:depth])
            if at.state == states.HELD:
                return c.CancelInstance("pi_toy")
            if branch in choices_of(driver.plan.steps[fork], at, driver.instance.live).to_begin:
                driver.do(c.BeginBranch(f"pi_toy.{at.number}", branch))
    (last,) = _in(driver, place)
    return Modify(((last.number, "done"),))


def _in(driver: Driver, place: Scope) -> list[Activation]:
    """The one activation that stands in a place, where there is one."""
    live = [one for one in driver.instance.live if one.watch is None and not one.branch.startswith(states.PARTS)]
    return [one for one in live if scope_of(driver.instance, one) == place]


def drawn_moves(driver: Driver, pick: Pick) -> list[tuple[int, str]]:
    """A move of some live activation to a step of its place; what is just undone has none."""
    live = [one for one in driver.instance.live if one.watch is None]
    places = {one.number: targets(driver.plan.version.blueprint, driver.instance, one) for one in live}
    number = pick([number for number, steps in places.items() if steps])
    return [(number, pick(places[number]))]


def moved_about(version: b.BlueprintVersion, pick: Pick) -> None:
    """Move an instance a few times, and see that it comes to its end."""
    driver = Driver(version, {"number": "A-1", "amount": 9, "note": "1970-01-01"})
    for turn in range(pick(range(1, 7))):
        if not driver.instance.live:
            break
        if pick((True, False)):
            driver.do(Suspend())
        moves = drawn_moves(driver, pick)
        said = driver.do(Modify(tuple(moves)))
        assert not isinstance(said, Refusal), said
        if driver.instance.live:
            conserved(driver)
        driver.do(Resume())
        if driver.instance.live:
            forward(driver, turn)
    for turn in range(ROUNDS_MAX):
        if driver.instance.status in (states.ENDED, states.CANCELLED):
            return
        assert forward(driver, turn), driver.instance.live
        if driver.instance.live:
            conserved(driver)
    raise AssertionError(f"no end after {ROUNDS_MAX} rounds: {driver.instance.live}")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(version=blueprints(), data=st.data())
def test_from_wherever_it_was_moved_to_an_instance_comes_to_its_end(
    version: b.BlueprintVersion, data: st.DataObject
) -> None:
    assume(sound(version))
    moved_about(version, lambda among: data.draw(st.sampled_from(among)))


def test_an_end_in_a_branch_is_come_to_as_well() -> None:
    """Few of those that are drawn have it there."""
    drawn = [Builder(Random(f"moved {number}").choice).build() for number in range(SEEDS)]
    inside = [one for one in drawn if branches_of(one.blueprint).scopes["done"] and sound(one)]
    assert len(inside) >= 5
    for one in inside:
        for number in range(4):
            moved_about(one, Random(f"{one.digest} {number}").choice)


def test_an_end_that_lies_in_a_branch_alone_is_come_to_from_outside() -> None:
    """A released blueprint has an end in a branch only where nothing else is open beside it."""
    made = version(
        b.ChooseStep("s", HERE, branches=(b.Branch("fail", "f"), b.Branch(None, "f"))),
        b.AnyOfStep("f", HERE, branches=(b.Branch(None, "x"),), next="s"), task("x", "done"), end(),
    )  # fmt: skip
    scopes, crossings, *_ = branches_of(made.blueprint)
    assert (sound(made), scopes["done"], crossings) == (True, (("f", "x"),), ())
    driver = Driver(made, {"number": "A-1", "amount": 9, "note": "1970-01-01"})
    assert [(one.step, one.state) for one in driver.instance.live] == [("s", states.HELD)]
    (held,) = driver.instance.live
    assert isinstance(driver.judge(Modify(((held.number, "done"),))), Refusal)
    assert driver.do(_to_the_end(driver))
    assert driver.instance.status == states.ENDED


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(version=blueprints(), data=st.data())
def test_no_step_is_entered_outside_of_the_place_it_has(version: b.BlueprintVersion, data: st.DataObject) -> None:
    driver = Driver(version, {"number": "A-1", "amount": 9, "note": "1970-01-01"})
    assume(driver.instance.live)
    scopes = branches_of(version.blueprint).scopes
    one = data.draw(st.sampled_from([one for one in driver.instance.live if one.watch is None]))
    to = data.draw(st.sampled_from(sorted(driver.plan.steps)))
    said = driver.judge(Modify(((one.number, to),)))
    if scopes.get(to) == scope_of(driver.instance, one):
        assert not isinstance(said, Refusal)
    else:
        assert isinstance(said, Refusal)
        assert said.reason in (Reason.UNSOUND_MARKING, Reason.INVALID_DATA)
