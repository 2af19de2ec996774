"""An act that a second person confirms is proposed for release only where there is one who could."""

from dataclasses import replace

import pytest

from tests.versioning.test_check import REGISTERS
from tests.versioning.test_offers import source_of
from versioning.files import check_file
from versioning.registers import NO_REGISTERS, People

ACTS = """acts:
  modify: {role: role credit-analyst, second: role loan-intake}
  correct: {reason: required}
first: fill"""


def found(doing: dict[tuple[str, str], set[str]]) -> list[tuple[str, str]]:
    """The faults, where persons of these roles may do these acts."""
    assert REGISTERS.people is not None
    known = {
        key: frozenset((one.partition("/")[0], one.partition("/")[2]) for one in persons)
        for key, persons in doing.items()
    }
    people = replace(REGISTERS.people, doing=lambda role, act: known.get((role, act), frozenset()))
    findings = check_file(source_of().replace("first: fill", ACTS), replace(REGISTERS, people=people)).findings
    return [(one.rule, one.message) for one in findings if one.severity == "error"]


FIRST, SECOND = ("credit-analyst", "modify"), ("loan-intake", "modify")


def test_who_holds_the_role_and_may_do_the_act_confirms() -> None:
    assert found({FIRST: {"north/person:anna"}, SECOND: {"north/person:ines"}}) == []


@pytest.mark.parametrize(
    ("doing", "message"),
    [
        ({}, "nobody could confirm"),
        (
            {FIRST: {"north/person:anna"}, ("loan-intake", "correct"): {"north/person:ines"}},
            "nobody could confirm",
        ),
        ({FIRST: {"south/person:anna"}, SECOND: {"north/person:ines"}}, "the only one there who could propose"),
        ({FIRST: {"north/person:anna"}, SECOND: {"north/person:anna"}}, "the only one there who could propose"),
    ],
)
def test_where_nobody_could_it_is_a_fault(doing: dict[tuple[str, str], set[str]], message: str) -> None:
    [(rule, said)] = found(doing)
    assert rule == "act.nobody"
    assert message in said


def test_an_act_without_a_second_person_asks_for_nobody() -> None:
    assert REGISTERS.people is not None
    people = replace(REGISTERS.people, doing=lambda role, act: frozenset())
    checked = check_file(source_of().replace("first: fill", "acts: {correct: {reason: required}}\nfirst: fill"),
                         replace(REGISTERS, people=people))  # fmt: skip
    assert [one.rule for one in checked.findings if one.severity == "error"] == []


def test_where_nobody_is_known_it_is_said_not_to_have_run() -> None:
    source = source_of().replace("first: fill", ACTS)
    assert "register.acts" in {one.rule for one in check_file(source, NO_REGISTERS).findings}
    assert "register.acts" not in {one.rule for one in check_file(source_of(), NO_REGISTERS).findings}
    people = People(lambda kind, role: frozenset(("person:otto",)), lambda role: frozenset(("person:ines",)))
    checked = check_file(source, replace(REGISTERS, people=people))
    assert "act.nobody" not in {one.rule for one in checked.findings}
