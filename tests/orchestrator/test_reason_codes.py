"""Coded reasons: a code counts that the list in force has, and the entry holds it with its words and its list."""

from dataclasses import dataclass
from typing import Any

import pytest

from governance.signature import Signed
from ledger.refusal import Reason
from orchestrator import commands as c
from orchestrator import service
from orchestrator.ports import Deps
from orchestrator.reason_codes import ReleasedLists, coded
from tests.orchestrator import toy
from tests.orchestrator.house import BOB
from tests.orchestrator.memory import MemoryLog
from tests.orchestrator.office import Office
from versioning import blueprint as b
from versioning.blueprint import DecideStep, SignRule


@dataclass
class Artefact:
    value: Any
    number: int = 3
    digest: str = "list-digest"


@dataclass
class Shelf:
    """Released artefacts, of which there is one list or none."""

    found: Artefact | None

    def current(self, uow: Any, kind: str, name: str) -> Artefact | None:
        return self.found if (kind, name) == ("reason-code-list", "reasons") else None


LIST = Artefact({"name": "reasons", "codes": [{"code": "late", "words": "It came too late"}]})
BOUND = {"name": "reasons", "version": 3, "digest": "list-digest"}


def _decide(**more: Any) -> DecideStep:
    fields: dict[str, Any] = {"reason_required": True, "reason_codes": "reasons", **more}
    return toy.decide("d", **fields)


def _office(step: b.Step, found: Artefact | None = LIST) -> Office:
    office = Office(step, toy.end())
    office.log = MemoryLog(_deps(office, ReleasedLists(Shelf(found))))
    office.start(amount=1)
    office.done(c.ClaimTask(office.task_id("d")), BOB)
    return office


def _deps(office: Office, lists: ReleasedLists) -> Any:
    house = office.house
    return Deps(house, house, house, house, expressions=lambda plan, now: toy.evaluate, reason_lists=lists)


def _complete(office: Office, code: str, **more: Any) -> c.CompleteTask:
    return c.CompleteTask(office.task_id("d"), "no", reason="for Jo Doe", reason_code=code, **more)


def test_the_entry_holds_code_words_and_list() -> None:
    office = _office(_decide())
    office.done(_complete(office, "late"))
    payload = office.log.entries[-1].payload
    assert (payload["reason_code"], payload["reason_words"]) == ("late", "It came too late")
    assert payload["reason_list"] == BOUND
    office.check()


@pytest.mark.parametrize(
    ("step", "found", "code"),
    [
        (_decide(), LIST, "early"),
        (_decide(), LIST, "It came too late"),
        (_decide(), None, "late"),  # the list was ended: nothing counts until there is one
        (_decide(reason_codes="others"), LIST, "late"),
        (_decide(reason_codes=None), LIST, "late"),  # a step without a list takes no code at all
    ],
)
def test_another_code_is_refused_and_nothing_is_done(step: DecideStep, found: Artefact | None, code: str) -> None:
    office = _office(step, found)
    assert office.refused(_complete(office, code)) is Reason.UNKNOWN_REASON_CODE


def test_a_code_is_needed_where_a_reason_is() -> None:
    office = _office(_decide())
    assert office.refused(_complete(office, "")) is Reason.REASON_MISSING
    office = _office(_decide(reason_required=False))
    office.done(_complete(office, ""))
    assert "reason_code" not in office.log.entries[-1].payload


def test_each_outcome_may_have_a_list_of_its_own() -> None:
    office = _office(_decide(reason_codes=None, outcome_codes=(("no", "reasons"),)))
    task = office.task_id("d")
    assert office.refused(_complete(office, "")) is Reason.REASON_MISSING
    said = c.CompleteTask(task, "yes", reason="for Jo Doe", reason_code="late")
    assert office.refused(said) is Reason.UNKNOWN_REASON_CODE
    office.done(_complete(office, "late"))
    assert office.log.entries[-1].payload["reason_list"] == BOUND


def test_an_outcome_without_a_list_takes_no_code() -> None:
    office = _office(_decide(reason_codes=None, outcome_codes=(("no", "reasons"),)))
    office.done(c.CompleteTask(office.task_id("d"), "yes", reason="for Jo Doe"))
    assert "reason_code" not in office.log.entries[-1].payload


def test_a_form_takes_no_code() -> None:
    step = toy.task("d", expects=("note",))
    refused = coded(ReleasedLists(Shelf(LIST)), None, step, ("", "late"))  # type: ignore[arg-type]
    assert getattr(refused, "reason", None) is Reason.UNKNOWN_REASON_CODE


def test_a_statement_is_not_made_for_another_code_and_binds_the_one_it_is_made_for() -> None:
    office = _office(_decide(sign=SignRule("I decide this", "password")))
    task = office.task_id("d")
    two = [*LIST.value["codes"], {"code": "dear", "words": "It costs too much"}]
    office.log = _again(office, Artefact({**LIST.value, "codes": two}))
    assert office.refused(c.StateStatement(task, "no", "for Jo Doe", "early")) is Reason.UNKNOWN_REASON_CODE
    said = office.done(c.StateStatement(task, "no", "for Jo Doe", "late")).result
    assert said["statement"]["reason_code"] == "late"
    proof = Signed("password", BOB.person, office.log.now)  # type: ignore[arg-type]
    more = {"statement_nonce": said["nonce"], "shown_digest": said["statement"]["shown_digest"], "signature": proof}
    assert office.refused(_complete(office, "dear", **more)) is Reason.SHOWN_CHANGED
    office.done(_complete(office, "late", **more))
    payload = office.log.entries[-1].payload
    assert payload["statement"]["reason_code"] == payload["reason_code"] == "late"


def _again(office: Office, found: Artefact) -> MemoryLog:
    """The same log, with another list in force."""
    office.log.commands = service.commands(_deps(office, ReleasedLists(Shelf(found))))
    return office.log
