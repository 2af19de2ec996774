"""`offer to` in the language: read, told in words, compared, checked; and blueprints without it stay what they were."""

from dataclasses import replace

import pytest

from tests.versioning.test_check import REGISTERS
from versioning.blueprint import AgentStep, Blueprint, DecideStep, Offer, TaskStep
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.files import check_file
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import read_blueprint
from versioning.registers import NO_REGISTERS, People, Registers
from versioning.words import words_text

SOURCE = """blueprint: offering
title: Offering
purpose: Try whom work is offered to.
owner: lending-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal}
  grade: {class: internal, properties: {value: integer}}
start: {by: api, requires: role loan-intake, key: number}
first: fill
steps:
  fill: {task: Fill it in, role: role loan-intake, OFFER, expects: [amount], next: propose}
  propose:
    agent: grader
    shows: [amount]
    expects: {type: object, properties: {value: {type: integer}}, required: [value]}
    otherwise: {review by: role credit-analyst, REVIEW}
    into: grade
    next: decision
  decision:
    decide: [approve, decline]
    authority: approve-credit
    measure: = amount
    DECISION
    shows: [amount, grade]
    duties: [not initiator]
    next: {approve: done, decline: done}
  done: {end: done}
"""
OFFER = "offer to: {skill: mortgages, unit: retail-north, give to: least loaded}"
TOLD = (
    "It is offered to those of them who have the skill mortgages and are of the unit retail north. "
    "The one who holds the fewest tasks is given it."
)


def source_of(fill: str = "", review: str = "", decision: str = "") -> str:
    source = SOURCE
    for name, said in (("OFFER", fill), ("REVIEW", review), ("DECISION", decision)):
        around = f"    {name}\n" if name == "DECISION" else f", {name}"
        source = source.replace(around, around.replace(name, said) if said else "")
    return source


def blueprint(source: str) -> Blueprint:
    found = read_blueprint(source).blueprint
    assert found is not None
    return found


def test_read_for_tasks_decisions_and_reviews() -> None:
    steps = blueprint(source_of(OFFER, OFFER, "offer to: {unit: retail-north}")).steps
    wanted = Offer("mortgages", "retail-north", True)
    offers = [step.offer for step in steps if isinstance(step, TaskStep | AgentStep | DecideStep)]
    assert offers == [wanted, wanted, Offer(unit="retail-north")]


def test_value_of_a_blueprint_without_offers_does_not_know_of_them() -> None:
    assert "'offer'" not in str(blueprint_value(blueprint(source_of())))
    stated = blueprint_value(blueprint(source_of(OFFER)))["steps"][0]
    assert stated["offer"] == {"skill": "mortgages", "unit": "retail-north", "least_loaded": True}


def test_told_in_words() -> None:
    assert words_text(blueprint(source_of(OFFER, OFFER, OFFER))).count(TOLD) == 3
    assert "offered to those" not in words_text(blueprint(source_of()))
    said = words_text(blueprint(source_of("offer to: {give to: least loaded}")))
    assert "The one who holds the fewest tasks is given it." in said


def test_compared_with_what_it_was() -> None:
    found = diff(blueprint(source_of()), blueprint(source_of(OFFER)))
    (step,) = found.steps
    (field,) = step.fields
    assert (field.field, field.before, field.after_words) == ("offer", None, TOLD)
    assert "whom it is offered to" in "\n".join(diff_words(found))


@pytest.mark.parametrize(
    "said",
    [
        "offer to: {skill: Big Mortgages}",
        "offer to: {give to: everybody}",
        "offer to: {level: high}",
        "offer to: mortgages",
        "skill: mortgages",
    ],
)
def test_anything_else_is_refused_at_its_place(said: str) -> None:
    report = check_file(source_of(said), NO_REGISTERS)
    assert not report.ok
    assert any("fill" in one.location or ":13" in one.location or "13" in one.location for one in report.findings)


def with_skills(**having: tuple[str, ...]) -> Registers:
    people = REGISTERS.people
    assert people is not None
    known = {name.replace("_", "-"): frozenset(some) for name, some in having.items()}
    skilled = replace(people, having=lambda attribute, value: known.get(f"{attribute}-{value}", frozenset()))
    return replace(REGISTERS, people=skilled)


def rules(source: str, registers: Registers) -> list[str]:
    return [one.rule for one in check_file(source, registers).findings if one.rule.endswith(".nobody")]


def test_somebody_it_is_offered_to_could_do_it_today() -> None:
    skilled = "offer to: {skill: mortgages}"
    assert rules(source_of(fill=skilled), with_skills()) == ["offer.nobody"]
    assert rules(source_of(fill=skilled), with_skills(skill_mortgages=("person:olga",))) == ["offer.nobody"]
    assert rules(source_of(fill=skilled), with_skills(skill_mortgages=("person:ines",))) == []
    both = with_skills(skill_mortgages=("person:ines",), unit_retail_north=("person:ivan",))
    assert rules(source_of(fill=OFFER), both) == ["offer.nobody"]
    assert rules(source_of(review=skilled), with_skills(skill_mortgages=("person:ines",))) == ["offer.nobody"]
    assert rules(source_of(review=skilled), with_skills(skill_mortgages=("person:anna",))) == []
    assert rules(source_of(decision=skilled), with_skills(skill_mortgages=("person:hans",))) == ["decision.nobody"]
    assert rules(source_of(decision=skilled), with_skills(skill_mortgages=("person:otto",))) == []


def test_where_nobody_is_known_it_is_said_not_to_have_run() -> None:
    not_run = {one.rule for one in check_file(source_of(OFFER), NO_REGISTERS).findings if one.severity == "not run"}
    assert "register.offers" in not_run
    plain = {one.rule for one in check_file(source_of(), NO_REGISTERS).findings if one.severity == "not run"}
    assert "register.offers" not in plain


def test_people_whose_skills_are_not_known_are_all_asked() -> None:
    people = People(lambda kind, role: frozenset(("person:otto",)), lambda role: frozenset(("person:ines",)))
    assert rules(source_of(OFFER, OFFER, OFFER), replace(REGISTERS, people=people)) == []
