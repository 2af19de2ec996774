"""Moving an instance keeps its marking one of the net: from wherever it was moved to, it comes to its end."""

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
from orchestrator.moving import scope_of, targets
from orchestrator.resume import Deliver
from orchestrator.steering import Correct, Modify, Resume, Suspend
from orchestrator.voting import CastVote
from tests.orchestrator.test_machine_properties import blueprints, conserved
from tests.orchestrator.toy import Driver
from versioning import blueprint as b
from versioning.branches import branches_of
from versioning.net import net_of
from versioning.soundness import soundness

VOTERS = 9  # others who could still vote: no vote is ever tied
BACK_UNTIL = 100
ROUNDS_MAX = 400


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
    if not isinstance(driver.judge(skip), Refusal):
        return skip
    while activation.scope:
        around = driver.instance.activation(activation.scope)
        assert around is not None
        activation = around
    return Modify(((activation.number, "done"),))


def drawn_moves(driver: Driver, data: st.DataObject) -> list[tuple[int, str]]:
    """A move of some live activation to a step of its place; what is just undone has none."""
    live = [one for one in driver.instance.live if one.watch is None]
    places = {one.number: targets(driver.plan.version.blueprint, driver.instance, one) for one in live}
    number = data.draw(st.sampled_from([number for number, steps in places.items() if steps]))
    return [(number, data.draw(st.sampled_from(places[number])))]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(version=blueprints(), data=st.data())
def test_from_wherever_it_was_moved_to_an_instance_comes_to_its_end(
    version: b.BlueprintVersion, data: st.DataObject
) -> None:
    assume(sound(version))
    assume(not branches_of(version.blueprint).scopes.get("done"))  # an end in a branch is out of reach from outside
    driver = Driver(version, {"number": "A-1", "amount": 9, "note": "1970-01-01"})
    for turn in range(data.draw(st.integers(1, 6))):
        if not driver.instance.live:
            break
        if data.draw(st.booleans()):
            driver.do(Suspend())
        moves = drawn_moves(driver, data)
        said = driver.do(Modify(tuple(moves)))
        assert not isinstance(said, Refusal), said
        if driver.instance.live:
            conserved(driver)
        driver.do(Resume())
        if driver.instance.live:
            forward(driver, turn)
    for turn in range(ROUNDS_MAX):
        if driver.instance.status == states.ENDED:
            return
        assert forward(driver, turn), driver.instance.live
        if driver.instance.live:
            conserved(driver)
    raise AssertionError(f"no end after {ROUNDS_MAX} rounds: {driver.instance.live}")


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
