"""Random plays of blueprints that run others, three levels deep, with all that people, runners and clocks may do.

What holds of every play is in `nested_judging`. The engine broken on purpose is noticed by a few of them.
"""

from collections.abc import Callable
from typing import Any

import pytest

from orchestrator import following, keeping, kin, undoing, work_steps
from orchestrator import transitions as t
from tests.orchestrator.nested_playing import ACTS, Play, Seed
from tests.orchestrator.nested_shrinking import Failed, fails, played, shortened

QUICK = 75
LONG = 6_075
SLICE = 1_000  # of the long run in one test, so that workers share it
ENOUGH = 30  # plays, among which the engine broken on purpose is noticed

# It is no proof where nothing went wrong. What is seldom is sure to come up among many plays only.
OFTEN = (
    "BeginBranch begun", "CancelInstance cancelled", "CompleteJob completed", "CompleteTask completed",
    "CompleteTask no", "CompleteTask yes", "CorrectData corrected", "Correlate correlated", "FailCall failed",
    "FailJob failed", "FireTimer fired", "ModifyInstance UNSOUND_MARKING", "ModifyInstance modified",
    "ResolveIncident resolved", "ResumeInstance resumed", "StartInstance started", "SucceedCall LEASE_LOST",
    "SucceedCall late", "SucceedCall succeeded", "SuspendInstance suspended",
)  # fmt: skip
SELDOM = ("FailCall late", "PassOverBranch passed over", "RepeatBranch begun again")

Patch = pytest.MonkeyPatch


def test_plays_of_nested_blueprints() -> None:
    said = played(range(QUICK))
    assert [what for what in OFTEN if not said[what]] == []


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, LONG, SLICE))
def test_six_thousand_plays_of_nested_blueprints(first: int) -> None:
    said = played(range(first, first + SLICE))
    assert [what for what in (*OFTEN, *SELDOM) if not said[what]] == []


def what_it_runs_stays_suspended(patch: Patch) -> None:
    """An instance goes on, and what it runs does not."""
    patch.setattr(kin, "resume_child", lambda act, instance_id: None)


def what_it_runs_goes_on_alone(patch: Patch) -> None:
    """A step is left, and what it runs is not cancelled."""
    patch.setitem(following.TAKES, t.ChildCancelled, lambda after, transition: None)


def another_call_has_the_same_key(patch: Patch) -> None:
    """A call that is asked for with other arguments goes out under the key of the first."""
    patch.setattr(work_steps, "_next_key", lambda first, before: before)


def what_was_done_first_is_not_undone(patch: Patch) -> None:
    """One undo is skipped."""
    is_meant = undoing._is_meant

    def skipping(run: Any, kept: Any, scope: int, of: Any) -> bool:
        return kept is not run.instance.undo[0] and is_meant(run, kept, scope, of)

    patch.setattr(undoing, "_is_meant", skipping)


def what_is_done_is_undone_twice(patch: Patch) -> None:
    """What is kept of a call is kept once more."""
    keep = keeping.keep

    def twice(run: Any, activation: Any, unread: str = "") -> None:
        keep(run, activation, unread)
        keep(run, activation, unread)

    patch.setattr(keeping, "keep", twice)
    patch.setattr(keeping, "kept_of", lambda run, activation: None)


BROKEN = (
    what_it_runs_stays_suspended, what_it_runs_goes_on_alone, another_call_has_the_same_key,
    what_was_done_first_is_not_undone, what_is_done_is_undone_twice,
)  # fmt: skip


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda one: one.__name__)
def test_it_is_noticed(monkeypatch: Patch, breaking: Callable[[Patch], None]) -> None:
    breaking(monkeypatch)
    raised = next(filter(None, (fails(Seed(number)) for number in range(ENOUGH))), None)
    assert isinstance(raised, AssertionError), f"not noticed in {ENOUGH} plays: {raised!r}"


def test_a_seed_plays_the_same_again() -> None:
    first, second = Play(Seed(0)), Play(Seed(0))
    first.play()
    second.play()
    assert first.sent == second.sent
    assert len(first.sent) > ACTS // 2
    assert first.log.entries == second.log.entries


def test_a_failing_play_is_shortened_and_told(monkeypatch: Patch) -> None:
    what_it_runs_stays_suspended(monkeypatch)
    with pytest.raises(Failed, match="it stands still in what runs") as failed:
        played(range(ENOUGH))
    said = str(failed.value)
    acts = [line for line in said.partition("played:")[2].splitlines() if line]
    assert [what for what in ("StartInstance", "SuspendInstance", "ResumeInstance") if what not in said] == []
    assert len(acts) < ACTS // 4


def test_acts_that_matter_are_left() -> None:
    def trying(seed: Seed) -> Exception | None:
        return ValueError() if {3, 40, 41} <= set(seed.acts) else None

    assert shortened(Seed(7), trying) == Seed(7, (3, 40, 41))
