"""What reviews said of an agent's proposals stays, each once, and is told to who may read it."""

from typing import Any

import orjson
import pytest

from examples.services import agents as server
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.agent_tables import AGENT_OUTCOME, AgentOutcomeRow
from orchestrator.confidence import confidence_in
from orchestrator.outcome_lists import LabelledOutcome, OutcomeReader, OutcomesAsked, outcome_list
from orchestrator.paths import is_commitment
from orchestrator.plan import plan_of
from orchestrator.runner import Runner
from tests.orchestrator.agency import Agency, reviewed
from tests.orchestrator.house import ANN, BOB
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.toy import HOUR
from versioning.blueprint import DataClass

OPEN: frozenset[DataClass] = frozenset(("public", "internal"))
EVERY_DOMAIN = ("organisation", "lending")


def rows_of(office: Agency) -> list[AgentOutcomeRow]:
    return sorted(office.log.view.rows.get(AGENT_OUTCOME.name, {}).values(), key=lambda row: row.entry)


def told(
    office: Agency, classes: frozenset[DataClass] = OPEN, before: int | None = None, limit: int = 50, **asked: Any
) -> list[LabelledOutcome]:
    version = office.house.version(MemoryUow(office.log, BOB), "toy", 1)
    assert version is not None
    profiles = tuple({row.profile for row in rows_of(office)})
    question = OutcomesAsked("summariser", profiles, EVERY_DOMAIN)._replace(**asked)
    reader = OutcomeReader(MemoryUow(office.log, BOB), lambda *_: plan_of(version), lambda _: classes)
    return outcome_list(reader, question, before, limit)


def again(office: Agency, instance: str) -> None:
    """The step that was held is tried again, and the agent asked anew."""
    office.done(c.ResolveIncident(f"{instance}.{office.only(tables.INCIDENT, state='open').number}", "retry"))
    office.runner().round()


def test_every_review_is_an_outcome_also_where_another_proposal_took_its_place(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    instance = office.begin()
    reviewed(office, "reject", reason="not from the report")
    again(office, instance)
    reviewed(office, "reject", reason="not from the report either")
    again(office, instance)
    reviewed(office, "accept")
    found = told(office)
    assert [(one.verdict, one.is_right, one.confidence, one.gate) for one in found] == [
        ("accept", True, "0.31", "condition"),
        ("reject", False, "0.31", "condition"),
        ("reject", False, "0.31", "condition"),
    ]
    reviews = [
        one for one in office.log.entries if any(t["t"] == "proposal.reviewed" for t in one.payload["transitions"])
    ]
    assert [one.entry for one in found] == [entry.index for entry in reversed(reviews)]
    assert {one.task for one in found} == {f"{instance}.1"}
    office.check()


def test_pages_go_backwards_and_hold_each_outcome_once(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    begun = []
    for number in range(5):
        office.log.now += HOUR
        begun.append(office.log.now)
        office.begin(key=f"A-{number}")
        reviewed(office, "accept")
    whole = told(office)
    assert [one.entry for one in whole] == sorted([one.entry for one in whole], reverse=True)
    assert len(whole) == 5
    paged, before = [], None
    for count in (2, 2, 1):
        page = told(office, before=before, limit=2)
        assert len(page) == count
        paged += page
        before = page[-1].entry
    assert told(office, before=before, limit=2) == []
    assert paged == whole
    assert told(office, since=begun[3]) == whole[:2]
    assert told(office, since=begun[4] + HOUR) == []


def test_only_what_was_asked_for_is_told(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("doubtful")
    first = office.profile().digest
    office.begin(key="A-1")
    reviewed(office, "accept")
    second = office.profile(('version: "1"', 'version: "2"')).digest
    office.begin(key="A-2")
    reviewed(office, "correct", data={"grade": 4, "summary": "by hand", "confidence": 1, "findings": []})
    assert [(one.profile, one.is_right) for one in told(office)] == [(second, False), (first, True)]
    assert [one.profile for one in told(office, profiles=(first,))] == [first]
    assert told(office, profiles=()) == told(office, domains=()) == []
    assert told(office, domains=("elsewhere",)) == told(office, agent="another") == []


def test_the_confidence_is_told_by_its_own_class_and_nothing_of_a_stricter_answer(running: server.Running) -> None:
    office = Agency(running, shows="bureau, secret")
    office.profile(("sees: internal", "sees: personal"))
    running.state.set("doubtful")
    instance = office.begin(secret={"name": "Jo Doe"})
    reviewed(office, "reject", reason="no", actor=ANN)
    again(office, instance)
    reviewed(office, "accept", actor=ANN)
    assert all(is_commitment(orjson.loads(row.confidence)) for row in rows_of(office))
    # The datum it is laid into is internal: its confidence leaves, and nothing else of the answer is there to leave.
    assert [(one.confidence, one.withheld) for one in told(office)] == [("0.31", "")] * 2
    shut = told(office, classes=frozenset(("public",)))
    assert [(one.confidence, one.withheld) for one in shut] == [("", "CLASS_NOT_READABLE")] * 2
    assert [one.is_right for one in shut] == [True, False]
    for token, (subject, path, _) in list(office.log.openings.items()):
        if path == "#1.proposal":
            office.log.openings[token] = (subject, path, None)  # as an erasure leaves it
    assert [(one.confidence, one.withheld, one.is_right) for one in told(office)] == [
        ("", "ERASED", True),
        ("", "ERASED", False),
    ]


def test_an_answer_that_says_no_confidence_is_told_without(running: server.Running) -> None:
    office = Agency(running)
    running.state.set("prose")
    office.begin()
    reviewed(office, "correct", data={"grade": 4, "summary": "by hand", "confidence": 1, "findings": []})
    assert [(one.confidence, one.withheld, one.is_right) for one in told(office)] == [("", "NO_CONFIDENCE", False)]


def test_what_passes_or_is_tried_in_test_mode_labels_nothing(running: server.Running) -> None:
    office = Agency(running)
    office.begin()
    assert rows_of(office) == []
    running.state.set("doubtful")
    data = {"number": "A-2", "score": 800, "bureau": {"score": 800, "defaults": 0}}
    office.done(c.StartInstance("toy", "A-2", data, test=True), ANN)
    run = office.runner()
    Runner(run.name, run.submit, run.query, run.connector, run.clock, rehearsal=run.connector).round()
    reviewed(office, "accept")
    assert len(office.transitions("proposal.reviewed")) == 1
    assert rows_of(office) == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (0, "0"),
        (1, "1"),
        ("0.90", "0.90"),
        ({"$decimal": "0.123456789"}, "0.123456789"),
        ("1.00", "1.00"),
        ("1.01", ""),
        (2, ""),
        (-1, ""),
        (True, ""),
        ("1E-999999", ""),
        ("0." + "1" * 21, ""),
        ("NaN", ""),
        ("0.5\n", ""),
        (["0.5"], ""),
        (None, ""),
    ],
)
def test_a_confidence_is_a_share_in_plain_digits(said: Any, told: str) -> None:
    assert confidence_in({"confidence": said}) == told
    assert confidence_in([said]) == ""
