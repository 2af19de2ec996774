"""Histories that draw everything: each ends as every history does, and its record is verified."""

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.simulation.history import Seed
from tests.simulation.place import Place
from tests.simulation.shrinking import play

ACTS = 30  # of more kinds of actors
QUICK = 80
LONG = 3_000
SLICE = 365  # of the long run in one test, so that workers share it


def played(numbers: Iterable[int], place: Place) -> Counter[str]:
    """How often each command was answered how, and processes died, in these histories."""
    said: Counter[str] = Counter()
    for number in numbers:
        history = play(Seed(number, ACTS, wide=True), place)
        said.update(history.said)
        said["died"] += history.deaths
    return said


def test_histories_that_draw_everything(place: Place) -> None:
    said = played(range(QUICK), place)
    assert said["died"] > QUICK // 2
    for what in (
        "CarryOutItem cancelled", "CarryOutItem proposed", "CarryOutItem refused", "CarryOutItem suspended",
        "CompleteTask DELEGATED", "CompleteTask INSTANCE_SUSPENDED", "CompleteTask SHOWN_CHANGED", "CompleteTask SOD",
        "CompleteTask accept", "CompleteTask reject", "ConfirmAct OWN_PROPOSAL", "ConfirmAct PROPOSAL_STALE",
        "ConfirmAct cancelled", "ConfirmAct corrected", "ConfirmAct resolved", "CorrectData corrected",
        "Correlate BUSINESS_KEY_TAKEN", "Correlate TooLarge", "Correlate started", "DelegateTask delegated",
        "ExpireAct expired", "FailCall failed", "ModifyInstance UNSOUND_MARKING", "ModifyInstance modified",
        "ReassignTask reassigned", "RejectAct rejected", "ResumeInstance resumed", "ReturnTask returned",
        "StartByClock started", "SucceedCall late", "SuspendInstance proposed", "SuspendInstance suspended",
    ):  # fmt: skip
        assert said[what], what


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, LONG, SLICE))
def test_three_thousand_histories_that_draw_everything(place: Place, first: int) -> None:
    assert played(range(first, first + SLICE), place)["died"] > SLICE // 2
