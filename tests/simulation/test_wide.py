"""Histories that draw everything: each ends as every history does, and its record is verified."""

from pathlib import Path

import pytest

from tests.migrated import migrated_postgresql
from tests.postgres import PostgresServer
from tests.simulation.history import Seed
from tests.simulation.place import Place
from tests.simulation.shrinking import played
from tests.simulation.wide_judging import (
    ACCEPTED,
    ASKED_ANOTHER,
    CALENDARS,
    GATES,
    GRANTS_LOST,
    JUDGED,
    LET_THROUGH,
    NAMED_STEPS,
    ROLES_LOST,
    VERDICTS,
    reviewed,
    stopped_at,
)
from tests.simulation.wide_told import (
    TOLD_INITIATOR,
    TOLD_NOBODY,
    TOLD_OF_ALL,
    TOLD_OFFICE,
    TOLD_STAND_IN,
    TOLD_STEP,
)

ACTS = 34  # of more kinds of actors
QUICK = 80
LONG = 3_000
SLICE = 365  # of the long run in one test, so that workers share it
ON_POSTGRESQL = 40


def seeds(first: int, after: int) -> list[Seed]:
    return [Seed(number, ACTS, wide=True) for number in range(first, after)]


# What comes up in at least one history of fourteen, and what in fewer: a change of the engine shifts every history that
# follows it, so only many of them are sure to bring up what is seldom.
OFTEN = (
    CALENDARS, NAMED_STEPS, ROLES_LOST, "CarryOutItem cancelled", "CarryOutItem refused", "CarryOutItem suspended",
    "CompleteTask SHOWN_CHANGED", "CompleteTask accept", "ConfirmAct OWN_PROPOSAL",
    "ConfirmAct PROPOSAL_STALE", "ConfirmAct cancelled", "ConfirmAct corrected", "ConfirmAct resolved",
    "CorrectData corrected", "Correlate BUSINESS_KEY_TAKEN", "Correlate TooLarge", "Correlate started",
    "ExpireAct expired", "FailCall failed", "ModifyInstance UNSOUND_MARKING",
    "ModifyInstance modified", "RejectAct rejected", "ResumeInstance resumed",
    "SuspendInstance proposed", "SuspendInstance suspended",
    TOLD_INITIATOR, TOLD_NOBODY, TOLD_OFFICE, TOLD_OF_ALL,
    JUDGED, ACCEPTED, LET_THROUGH, *map(stopped_at, GATES), *map(reviewed, VERDICTS),
)  # fmt: skip
SELDOM = (
    ASKED_ANOTHER, GRANTS_LOST, "CarryOutItem proposed", "CompleteTask DELEGATED", "CompleteTask INSTANCE_SUSPENDED",
    "CompleteTask SOD", "CompleteTask reject", "DelegateTask delegated", "PassOverBranch passed over",
    "ReassignTask reassigned", "RepeatBranch begun again", "ReturnTask returned", "StartByClock started",
    "SucceedCall late", TOLD_STAND_IN, TOLD_STEP,
)  # fmt: skip

# What a company that stays what it is never brings up.
CHANGED = (CALENDARS, GRANTS_LOST, ROLES_LOST)


def test_histories_that_draw_everything(place: Place) -> None:
    said = played(seeds(0, QUICK), place)
    assert said["died"] > QUICK // 2
    assert [what for what in OFTEN if not said[what]] == []
    assert len([what for what in SELDOM if said[what]]) > len(SELDOM) // 2


@pytest.mark.long
@pytest.mark.parametrize("first", range(QUICK, LONG, SLICE))
def test_three_thousand_histories_that_draw_everything(place: Place, first: int) -> None:
    said = played(seeds(first, first + SLICE), place)
    assert said["died"] > SLICE // 2
    assert [what for what in (*OFTEN, *SELDOM) if not said[what]] == []


@pytest.mark.long
@pytest.mark.postgresql
def test_histories_that_draw_everything_on_postgresql(postgresql: PostgresServer, tmp_path: Path) -> None:
    place = Place(tmp_path, migrated_postgresql(postgresql))
    assert played(seeds(0, ON_POSTGRESQL), place)["died"] > ON_POSTGRESQL // 2
