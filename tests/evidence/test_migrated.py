"""An instance that goes on under another version of its blueprint: packs, answers, records and check 12 follow it, and
a version that it came to otherwise is found.

Each lie is told in an entry that is chained, signed and counted as every other.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from api.evidence import compliance_record
from ledger.pack import read_bag
from ledger.verify.report import Fault, Status
from tests.evidence.bank import BLUEPRINT, PERSONS, Change, release_again, retire
from tests.evidence.conftest import INSTANCE
from tests.evidence.migrating import KIND, Scene, Told, judged
from tests.evidence.scenes import USUAL, decide_by, start

OFFICER = PERSONS["officer"][0]
_RULES, _DECIDE, *_ENDS = BLUEPRINT["steps"]
_LETTER = {"step": "end", "id": "offered", "outcome": "offered"}
OTHER: dict[str, Any] = {  # the same decision by another name, and what it approves is offered
    **BLUEPRINT,
    "steps": [
        _RULES,
        {**_DECIDE, "title": "Decide", "next": [["approve", "offered"], ["decline", "declined"]]},
        _LETTER,
        *_ENDS,
    ],
}
STRICTER: dict[str, Any] = {  # another decision of the same name, and one in its place
    **BLUEPRINT,
    "steps": [
        _RULES,
        {**_DECIDE, "authority": "approve-large-credit", "next": [["approve", "approved"], ["decline", "second"]]},
        {**_DECIDE, "id": "second", "title": "Decide again"},
        *_ENDS,
    ],
}
FREE: dict[str, Any] = {  # the decision without duties
    **BLUEPRINT,
    "steps": [_RULES, {name: one for name, one in _DECIDE.items() if name != "duties"}, *_ENDS],
}
RENAMED: dict[str, Any] = {**BLUEPRINT, "steps": [_RULES, {**_DECIDE, "id": "officer-1"}, *_ENDS]}


def release(value: dict[str, Any], name: str = "loan") -> Scene:
    return lambda told: release_again(told.bank, value, name)


def migrate(*further: dict[str, Any], **said: Any) -> Scene:
    return lambda told: told.migrate(*further, **said)


def decide(told: Told) -> None:
    decide_by(told.bank, told.register, INSTANCE)


def decide_at_4(told: Told) -> None:
    decide_by(told.bank, told.register, INSTANCE, parties=USUAL._replace(task=4))


def decide_freely(told: Told) -> None:
    decide_by(told.bank, told.register, INSTANCE, parties=USUAL._replace(task=4, duties=()))


def advance(**said: Any) -> Scene:
    """Something else is recorded of the instance."""
    return lambda told: told.stage("instance.advanced", [], by="system", why="", **said)


def retired(told: Told) -> None:
    """By the next version, which is none to go on under."""
    newest = told.bank.version
    retire(told.bank)
    told.bank.version = newest


def again(told: Told) -> None:
    """The retirement is taken back, by the next version but one."""
    told.bank.version += 1
    release_again(told.bank, told.bank.blueprint)


def another_again(told: Told) -> None:
    """By a version that is none to go on under either."""
    newest = told.bank.version
    told.bank.version += 1
    release_again(told.bank, RENAMED)
    told.bank.blueprint, told.bank.version = OTHER, newest


MOVED = (
    {"t": "step.moved", "activation": 2, "to": "grade"},
    {"t": "task.cancelled", "activation": 2},
    {"t": "step.left", "activation": 2, "to": "grade"},
    {"t": "step.entered", "activation": 3, "step": "grade", "at": 1},
    {"t": "rules.evaluated", "activation": 3, "table": "credit-grade", "digest": "t", "rows": [1]},
    {"t": "step.left", "activation": 3, "to": "officer"},
    {"t": "step.entered", "activation": 4, "step": "officer", "at": 1},
    {"t": "task.offered", "activation": 4, "decision_kind": "approve-credit"},
)
SECOND = (
    {"t": "step.moved", "activation": 2, "to": "second"},
    {"t": "task.cancelled", "activation": 2},
    {"t": "step.left", "activation": 2, "to": "second"},
    {"t": "step.entered", "activation": 3, "step": "second", "at": 1},
    {"t": "task.offered", "activation": 3, "decision_kind": "approve-credit"},
)


ELSEWHERE = {"t": "step.moved", "activation": 2, "to": "officer-1"}


def claim_second(told: Told) -> None:
    claimed = {"t": "task.claimed", "activation": 3, "by": OFFICER}
    told.stage("task.claimed", [claimed], by="officer", basis={"register": told.register.digest}, task=3, why="")


RIGHT: dict[str, Iterable[Scene]] = {
    "kept": (release(OTHER), migrate(), decide),
    "moved": (release(OTHER), migrate(*MOVED), decide_at_4),
    "to a step of the new version alone": (release(STRICTER), migrate(*SECOND), claim_second),
    "in more than one entry": (release(STRICTER), migrate(goes_on=SECOND), claim_second),
    "twice, and back": (release(OTHER), migrate(), release(BLUEPRINT), migrate(), decide),
    "after other entries": (release(OTHER), advance(), migrate(), advance(), decide, advance()),
    "when a retirement was taken back": (release(OTHER), retired, again, migrate(), decide),
    "to one from before a retirement that was taken back": (
        release(OTHER), retired, another_again, migrate(), decide,
    ),
    "before a retirement": (release(OTHER), migrate(), retired, decide),
    "decided by other rules": (release(FREE), migrate(*MOVED), decide_freely),
}  # fmt: skip


@pytest.mark.parametrize("scenes", RIGHT.values(), ids=RIGHT)
def test_an_instance_that_went_on_under_another_version_by_an_act_passes(
    scenes: Iterable[Scene], tmp_path: Path
) -> None:
    told = judged(tmp_path, *scenes)
    assert (told.finding, told.parts(Status.FAILED)) == (None, {})
    times = told.parts(Status.PASSED)["versions"].partition(" ")[0]
    assert f"{times} instances that went on under another version" in told.note
    assert told.read("answers/Q16.json")[0]["findings"][-1]["rule_id"] == "key"  # no other is one


def test_of_an_instance_that_was_never_migrated_nothing_is_said(tmp_path: Path) -> None:
    told = judged(tmp_path, release(OTHER), lambda told: setattr(told.bank, "blueprint", BLUEPRINT), decide)
    assert (told.finding, told.fifth.status, "versions" in told.parts(Status.PASSED)) == (None, Status.PASSED, False)
    assert "went on under" not in told.note


def by_another(told: Told) -> None:
    told.migrate(kind="instance.advanced", by="system")


def twice_at_once(told: Told) -> None:
    one = {"t": KIND, "version": told.bank.digest, "number": told.bank.version}
    told.migrate(transitions=[one, one])


def not_first(told: Told) -> None:
    one = {"t": KIND, "version": told.bank.digest, "number": told.bank.version}
    told.migrate(transitions=[{"t": "variable.set", "path": "risk.grade", "value": 3}, one])


def of_the_new_rules(told: Told) -> None:
    told.migrate(version=told.bank.digest)


def rests_on_the_first(told: Told) -> None:
    told.stage("instance.advanced", [], by="system", why="", version=told.first)


def before_its_release(told: Told) -> None:
    value, told.bank.blueprint, told.bank.version = told.bank.blueprint, OTHER, 2
    told.migrate()
    told.bank.blueprint, told.bank.version = value, 1
    release_again(told.bank, OTHER)


def released_under(number: int) -> Scene:
    def scene(told: Told) -> None:
        told.bank.version = number
        told.migrate()

    return scene


NAMED = ("payload", "migrated")
FORGED: dict[str, tuple[str, Iterable[Scene]]] = {
    "by another entry": ("by `instance.advanced`, which is no act that may", (release(OTHER), by_another)),
    "twice at once": ("does not begin with one transition", (release(OTHER), twice_at_once)),
    "no transition": ("does not begin with one transition", (release(OTHER), migrate(transitions=[]))),
    "not first": ("does not begin with one transition", (release(OTHER), not_first)),
    "without a permit": ("nobody's permit", (release(OTHER), migrate(basis={}))),
    "by the rules of the other": ("it rests on version", (release(OTHER), of_the_new_rules)),
    "a silent jump": ("it rests on version", (release(OTHER), decide)),
    "a silent way back": ("it rests on version", (release(OTHER), migrate(), rests_on_the_first)),
    "before its release": ("no version 2 of `loan`", (before_its_release,)),
    "of no release": ("no version 7 of `loan`", (release(OTHER), released_under(7))),
    "of another text": ("no version 1 of `loan`", (release(OTHER), released_under(1))),
    "of another blueprint": ("no version 2 of `loan`", (release(OTHER, "mortgage"), migrate())),
    "of a retired one": ("`loan` was retired before", (release(OTHER), retired, migrate())),
    "to where it was": ("was under version 1 before", (migrate(),)),
    "another step": ("`officer` (activation 2) was open and not moved, and is another", (release(STRICTER), migrate())),
    "another step, whatever goes on from it": (
        "`officer` (activation 2) was open and not moved", (release(STRICTER), migrate(goes_on=SECOND[3:])),
    ),
    "a step elsewhere": ("`officer-1`, which is no step in its place", (release(STRICTER), migrate(ELSEWHERE))),
    "no step": ("`officer` (activation 2) was open and not moved, and is no step", (release(RENAMED), migrate())),
}  # fmt: skip


@pytest.mark.parametrize(("text", "scenes"), FORGED.values(), ids=FORGED)
def test_a_version_it_came_to_otherwise_fails_in_the_pack_and_in_the_log(
    text: str, scenes: Iterable[Scene], tmp_path: Path
) -> None:
    told = judged(tmp_path, *scenes)
    assert told.fifth.status is Status.FAILED
    assert text in told.parts(Status.FAILED)["versions"]
    assert told.finding is not None
    assert (told.finding.check, told.finding.fault) == (12, Fault.STATE_DRIFT)
    assert text in told.finding.found
    answer = told.read("answers/Q30.json")[0]
    assert answer["verdict"] == "violated"
    assert any(text in one["text"] for one in answer["findings"] if one["rule_id"] == "migration")


@pytest.mark.parametrize(
    ("path", "value"),
    [(("from", "number"), 3), (("from", "version"), "x"), (("to", "number"), 3), (("to", "version"), "x")],
)
def test_what_it_says_of_both_versions_is_what_it_did(path: tuple[str, str], value: Any, tmp_path: Path) -> None:
    told = judged(tmp_path, release(OTHER), migrate(), changes=(Change(KIND, (*NAMED, *path), value),))
    text = "left another version" if path[0] == "from" else "goes on under another version than 2"
    assert text in told.parts(Status.FAILED)["versions"]
    assert told.finding is not None
    assert text in told.finding.found


STEPS: dict[str, tuple[str, Iterable[Scene]]] = {
    "of the version before": (
        "`officer` was left to `approved`, to which it does not lead",
        (release(OTHER), migrate(), lambda told: setattr(told.bank, "blueprint", BLUEPRINT), decide),
    ),
    "of a version it was not under": ("`officer` was left to `offered`, to which", (release(OTHER), decide)),
    "in no place": ("`second` was entered without a step", (release(STRICTER), migrate(SECOND[3]))),
}  # fmt: skip


@pytest.mark.parametrize(("text", "scenes"), STEPS.values(), ids=STEPS)
def test_steps_are_those_of_the_version_it_is_under(text: str, scenes: Iterable[Scene], tmp_path: Path) -> None:
    told = judged(tmp_path, *scenes)
    assert text in told.parts(Status.FAILED)["sequence"]
    rules = [one["rule_id"] for one in told.read("answers/Q16.json")[0]["findings"]]
    assert "sequence" in rules


def test_a_pack_holds_the_release_of_each_version_and_says_what_changed(tmp_path: Path) -> None:
    told = judged(tmp_path, release(OTHER), migrate(), decide)
    names = {name for name in read_bag(told.pack.data).payload if name.startswith("registers/blueprints/")}
    assert names == {f"registers/blueprints/loan/{name}" for name in ("1.json", "1.source", "2.json", "2.source")}
    answer = told.read("answers/Q30.json")[0]
    first, second = answer["rows"]
    assert (answer["verdict"], first["version"], second["version"]) == ("satisfied", 1, 2)
    assert (second["migrated_by"], second["changed"]["from_version"]) == (PERSONS["head"][0], 1)
    assert (second["changed"]["steps_added"], second["changed"]["steps_changed"]) == (["offered"], ["officer"])
    assert "migrated_at" not in first
    assert [one["rule_id"] for one in answer["findings"]] == ["independence"] * 2


def test_the_record_says_which_version_each_part_ran_under_and_who_changed_it(tmp_path: Path) -> None:
    told = Told(tmp_path)
    for scene in (release(OTHER), migrate(closes={"as": "confirmed", "proposed_by": PERSONS["clerk"][0]}), decide):
        scene(told)
    with told.bank.reader.view() as view:
        found = [compliance_record(view, about, lambda _class, _subject: True) for about in (INSTANCE, f"{INSTANCE}.2")]
    told.bank.close()
    for record in found:
        assert record is not None
        (rules,) = [said for section, _, said in record.sections if section == "rules"]
        first, second = [one for one in rules if "governed the instance" in one.text]
        at = second.cites[0].at
        assert first.text.endswith(f"governed the instance until {at}")
        assert f"version 2 ({told.bank.digest}) governed the instance from {at}: " in second.text
        by = "Head of Lending (person:d) let it go on under this version, as Intake Clerk (person:e) had proposed"
        assert f"{by}, giving a reason (classed, commitment " in second.text
        assert {"version": 2, "from_version": 1, "person": "person:d", "proposed_by": "person:e"}.items() <= dict(
            second.values
        ).items()
        assert [one.text for one in rules].count("written by Process Owner (person:a) in change request cr_2") == 1
    whole, decision = found
    assert whole is not None
    assert decision is not None
    assert (whole.title[-17:], decision.title[-14:]) == ("version 1, then 2", "loan version 2")
    (followed,) = [said for section, _, said in whole.sections if section == "followed"]
    assert any("it went on under version 2 by this act" in one.text for one in followed)


def elsewhere(told: Told) -> None:
    """Another instance starts, on the first version."""
    value, told.bank.blueprint = told.bank.blueprint, BLUEPRINT
    start(told.bank, "pi_2")
    told.bank.blueprint = value


@pytest.mark.parametrize("most", [1, 100_000])
def test_a_version_that_is_not_kept_is_looked_up(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.rederiving.UNDER_MAX", most)
    before = (release(OTHER), migrate(), elsewhere)
    assert judged(tmp_path / "right", *before, advance(), decide, advance()).finding is None
    for name, after in (("open", (rests_on_the_first,)), ("over", (decide, rests_on_the_first))):
        told = judged(tmp_path / name, *before, *after)
        assert told.finding is not None
        assert "it rests on version" in told.finding.found
