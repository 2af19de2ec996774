"""Duties over persons, units and substitutes go through a pack whole: verdict 5 derives them from the entries before.

Each lie is told in an entry that is chained, signed and counted as every other.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from governance.duties import Duty
from governance.entries import SUBSTITUTION_LIFTED, SUBSTITUTION_RECORDED
from governance.questions.verdicts import verify_pack
from governance.rederiving import DecisionsAgain
from ledger.canonical import encode
from ledger.entry import EntryDraft
from ledger.note import parse_vkey
from ledger.pack import read_bag
from ledger.rederiving import Rederiving, Seen
from ledger.verify.pack_parts import PackParts
from ledger.verify.packs import PackVerdict, Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Fault, Finding, Status
from ledger.work import UnitOfWork
from tests.conftest import SetClock
from tests.evidence.bank import BLUEPRINT, DAY, PERSONS, Bank, actor_of, found
from tests.evidence.conftest import open_bank, pack_of
from tests.evidence.scenes import Parties, decide_by, entry_of

AUTHOR, REVIEWER, OFFICER, HEAD, CLERK = (PERSONS[who][0] for who in ("author", "reviewer", "officer", "head", "clerk"))
INSTANCE = "pi_1"
TASK = 3  # the activation of the decision
SHARED = Duty("at least persons", needed=3, shared=("prepare", "check"))
OTHER_UNIT = Duty("not same unit as step", "prepare")
FOR_NOBODY = Duty("not on behalf of initiator")
UNITS = ((OFFICER, ("south",)), (CLERK, ("north",)))


class Story(NamedTuple):
    """What happens at the bank: who prepares and checks, what is said of persons, and the officer's decision."""

    duty: Duty
    units: tuple[tuple[str, tuple[str, ...]], ...] = ()
    stands_in_for: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    away: tuple[tuple[str, str], ...] = ()
    checks: str = REVIEWER
    said_to_check: str = REVIEWER
    ended: tuple[tuple[str, str], ...] = ()
    is_lifted: bool = False


def blueprint_with(duty: Duty) -> dict[str, Any]:
    """Two forms and the decision, which has the duty."""
    stated = {"kind": duty.kind, "step": duty.step, "needed": duty.needed, "shared": list(duty.shared)}
    decision = {**BLUEPRINT["steps"][1], "duties": [{name: one for name, one in stated.items() if one}]}
    forms = [
        {"step": "task", "id": "prepare", "next": "check"},
        {"step": "task", "id": "check", "next": "officer"},
    ]
    return {**BLUEPRINT, "first": "prepare", "steps": [*forms, decision, *BLUEPRINT["steps"][2:]]}


def told(bank: Bank, story: Story) -> None:
    """Everything up to the decision, and that."""
    register = found(bank)
    for number, (person, unit) in enumerate(story.given):
        bank.play(actor_of("author"), f"given {number}", _given(person, unit))
    bank.play(actor_of("author"), "skilled", _given(OFFICER, "sums", "skill"))
    for number, (absent, substitute) in enumerate(story.away):
        bank.play(actor_of("author"), f"away {number}", _away(f"su_{number}", absent, substitute))
        if story.is_lifted:
            bank.play(actor_of("author"), f"back {number}", _back(f"su_{number}"))
    for person, unit in story.ended:
        bank.play(actor_of("author"), f"ended {person} {unit}", _ended(person, unit))
    bank.play(actor_of("clerk"), "start", lambda uow: _started(bank, uow))
    bank.play(actor_of("clerk"), "prepare", lambda uow: _filled(bank, uow, (1, "prepare", CLERK, "check")))
    who = next(name for name, (person, _) in PERSONS.items() if person == story.checks)
    bank.play(actor_of(who), "check", lambda uow: _filled(bank, uow, (2, "check", story.checks, "officer")))
    did = (("prepare", (CLERK,)), ("check", (story.said_to_check,)))
    decide_by(bank, register, INSTANCE, parties=Parties((story.duty,), did, story.units, story.stands_in_for, TASK))


def _given(person: str, unit: str, attribute: str = "unit") -> Callable[[UnitOfWork], list[EntryDraft]]:
    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        payload = {
            "person": person, "name": f"{person[-1]}-{unit}", "attribute": attribute, "value": unit,
            "valid_from": uow.now, "valid_until": None, "release": {}, "result": {},
        }  # fmt: skip
        return [EntryDraft("person_attribute.given", 1, person, payload)]

    return drafts


def _away(name: str, absent: str, substitute: str) -> Callable[[UnitOfWork], list[EntryDraft]]:
    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        payload = {
            "absent": absent, "substitute": substitute, "valid_from": uow.now, "valid_until": uow.now + DAY,
            "reason": uow.seal(name, "reason", "on leave", data_class="confidential"), "result": {},
        }  # fmt: skip
        return [EntryDraft(SUBSTITUTION_RECORDED, 1, name, payload)]

    return drafts


def _back(name: str) -> Callable[[UnitOfWork], list[EntryDraft]]:
    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        reason = uow.seal(name, "reason", "back", data_class="confidential")
        return [EntryDraft(SUBSTITUTION_LIFTED, 1, name, {"valid_until": uow.now, "reason": reason, "result": {}})]

    return drafts


def _ended(person: str, unit: str) -> Callable[[UnitOfWork], list[EntryDraft]]:
    def drafts(uow: UnitOfWork) -> list[EntryDraft]:
        payload = {"person": person, "name": f"{person[-1]}-{unit}", "valid_until": uow.now, "release": {}}
        return [EntryDraft("person_attribute.ended", 1, person, {**payload, "result": {}})]

    return drafts


def _started(bank: Bank, uow: UnitOfWork) -> list[EntryDraft]:
    name = uow.seal(INSTANCE, "applicant", {"name": "Applicant 1"}, data_class="personal", data_subject="ds_1")
    money = {"amount": "60000.00", "currency": "GBP"}
    bank.truth[INSTANCE] = {"applicant": name, "amount": dict(money), "risk": {"grade": 3}}
    transitions = [
        {"t": "instance.started", "blueprint": "loan", "version": bank.digest, "number": 1, "key": "L-1",
         "initiator": CLERK, "domain": "lending"},
        {"t": "variable.set", "path": "applicant", "value": name},
        {"t": "variable.set", "path": "amount", "value": money},
        {"t": "variable.set", "path": "risk.grade", "value": 3},
        {"t": "step.entered", "activation": 1, "step": "prepare", "at": uow.now},
        {"t": "task.offered", "activation": 1},
    ]  # fmt: skip
    return [entry_of(bank, "instance.started", INSTANCE, ({"transitions": transitions, "result": {}}, {}))]


def _filled(bank: Bank, uow: UnitOfWork, said: tuple[int, str, str, str]) -> list[EntryDraft]:
    number, step, person, after = said
    transitions = [
        {"t": "task.completed", "activation": number, "step": step, "by": person},
        {"t": "step.left", "activation": number, "to": after},
        {"t": "step.entered", "activation": number + 1, "step": after, "at": uow.now},
        {"t": "task.offered", "activation": number + 1},
    ]
    payload = {"task": number, "transitions": transitions, "result": {}}
    return [entry_of(bank, "task.completed", INSTANCE, (payload, {}))]


def bank_of(folder: Path, story: Story) -> Bank:
    """A bank at which the story happened."""
    bank = open_bank(folder, SetClock())
    bank.blueprint = blueprint_with(story.duty)
    told(bank, story)
    return bank


def fifth(folder: Path, story: Story) -> tuple[PackVerdict, Mapping[str, Status]]:
    """Verdict 5 of a pack of the story, and its parts about the decision by name; the four before it pass."""
    bank = bank_of(folder, story)
    data, vkey = pack_of(bank).data, bank.vkey
    bank.close()
    verdicts = verify_pack(data, Trust(verify_ed25519, parse_vkey(vkey))).verdicts
    assert [one.status for one in verdicts[:4]] == [Status.PASSED] * 4
    name = f"{INSTANCE}.{TASK} "
    parts = {one.name.removeprefix(name): one.status for one in verdicts[4].parts if one.name.startswith(name)}
    return verdicts[4], parts


class Told(NamedTuple):
    """The entries of a log, as a verification reads them."""

    seen: list[Seen]

    def entries(self, start: int, end: int) -> list[tuple[int, int | None, bytes, bytes]]:
        """See `ledger.verify.source.Source`."""
        return [(one.index, one.previous, b"", encode(one.value)) for one in self.seen[start:end]]


def judged_whole(folder: Path, story: Story) -> tuple[Finding | None, str]:
    """What check 12 finds where the whole log is at hand, and its note."""
    bank = bank_of(folder, story)
    with bank.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    bank.close()
    seen = [Seen(row.idx, row.previous, json.loads(row.bytes)) for row in rows if row is not None]
    source: Any = Told(seen)
    again = Rederiving(source, (DecisionsAgain(),))
    return again.run(len(seen)), again.note


GIVEN = ((OFFICER, "south"), (CLERK, "north"))
RIGHT = {
    "persons": Story(SHARED),
    "units": Story(OTHER_UNIT, UNITS, given=GIVEN),
    "behalf": Story(FOR_NOBODY, stands_in_for=(HEAD,), away=((HEAD, OFFICER),)),
}


@pytest.mark.parametrize("story", RIGHT.values(), ids=RIGHT)
def test_what_was_decided_rightly_passes_and_what_the_pack_cannot_tell_is_said(story: Story, tmp_path: Path) -> None:
    verdict, parts = fifth(tmp_path, story)
    assert verdict.status is Status.PASSED, verdict.text
    open_parts = {name for name, status in parts.items() if status is Status.NOT_RUN}
    assert open_parts - {"period totals"} == {"substitutes left out", *(["units left out"] if story.units else [])}
    assert "substitutes left out" in verdict.text


def test_units_that_no_entry_tells_are_taken_as_recorded_and_named(tmp_path: Path) -> None:
    verdict, parts = fifth(tmp_path, Story(OTHER_UNIT, UNITS))
    assert verdict.status is Status.PASSED
    assert parts["units left out"] is Status.NOT_RUN
    assert any(OFFICER in part.text for part in verdict.parts if part.name.endswith("units left out"))


FORGED = {
    "persons": Story(SHARED, checks=CLERK),
    "another unit": Story(OTHER_UNIT, UNITS, given=((OFFICER, "north"), (CLERK, "north"))),
    "one unit more": Story(OTHER_UNIT, UNITS, given=(*GIVEN, (OFFICER, "north"))),
    "no unit left": Story(OTHER_UNIT, UNITS, given=GIVEN, ended=((OFFICER, "south"),)),
    "stands in for the initiator": Story(FOR_NOBODY, away=((CLERK, OFFICER),)),
    "through another": Story(FOR_NOBODY, stands_in_for=(HEAD,), away=((HEAD, OFFICER), (CLERK, HEAD))),
    "one absent person less": Story(FOR_NOBODY, away=((HEAD, OFFICER),)),
}


@pytest.mark.parametrize("story", FORGED.values(), ids=FORGED)
def test_what_was_recorded_against_the_entries_fails_in_the_pack_and_in_the_log(story: Story, tmp_path: Path) -> None:
    verdict, parts = fifth(tmp_path / "pack", story)
    assert (verdict.status, parts["authority"]) == (Status.FAILED, Status.FAILED)
    finding, _ = judged_whole(tmp_path / "log", story)
    assert finding is not None
    assert (finding.check, finding.fault) == (12, Fault.STATE_DRIFT)


@pytest.mark.parametrize("story", RIGHT.values(), ids=RIGHT)
def test_a_whole_log_takes_nothing_of_it_on_trust(story: Story, tmp_path: Path) -> None:
    finding, note = judged_whole(tmp_path, story)
    assert finding is None, finding
    assert "1 whom deciders stood in for" in note
    assert "left out" not in note
    assert ("1 units of who is compared" in note) == bool(story.units)


@pytest.mark.parametrize("story", [Story(OTHER_UNIT, UNITS), Story(FOR_NOBODY, stands_in_for=(HEAD,))])
def test_what_a_pack_may_have_left_out_a_whole_log_cannot(story: Story, tmp_path: Path) -> None:
    assert fifth(tmp_path / "pack", story)[0].status is Status.PASSED
    assert judged_whole(tmp_path / "log", story)[0] is not None


def test_a_substitution_that_was_lifted_and_a_skill_bind_nobody_and_are_left_out_of_the_pack(tmp_path: Path) -> None:
    story = Story(OTHER_UNIT, UNITS, given=GIVEN, away=((CLERK, OFFICER),), is_lifted=True)
    bank = bank_of(tmp_path / "pack", story)
    values = [entry.value for entry in PackParts(read_bag(pack_of(bank).data)).entries]
    bank.close()
    given = [one["payload"]["attribute"] for one in values if one["kind"] == "person_attribute.given"]
    assert given == ["unit", "unit"]
    assert SUBSTITUTION_RECORDED not in [one["kind"] for one in values]
    assert judged_whole(tmp_path / "log", story)[0] is None
