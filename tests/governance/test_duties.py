"""Duties over natural persons; what is not known refuses."""

import pytest

from governance.duties import Duty, DutyFacts, check_duties, duty_words
from ledger.refusal import Reason

FACTS = DutyFacts(
    "person:a", (("assess", ("person:b", "person:c")), ("assess", ("person:d",))), ("person:e",), ("person:f",)
)


@pytest.mark.parametrize(
    ("duty", "excluded"),
    [
        (Duty("not initiator"), {"person:a"}),
        (Duty("not step", "assess"), {"person:b", "person:c", "person:d"}),
        (Duty("not step", "other"), set()),
        (Duty("not author of blueprint"), {"person:e"}),
        (Duty("not approver of blueprint"), {"person:f"}),
    ],
)
def test_each_duty_excludes_exactly_its_persons(duty: Duty, excluded: set[str]) -> None:
    persons = [f"person:{letter}" for letter in "abcdefg"]
    found = {person for person in persons if check_duties((duty,), (person,), FACTS)}
    assert found == excluded
    assert {person for person in persons if check_duties((duty,), ("person:x", person), FACTS)} == excluded


@pytest.mark.parametrize(
    "duty",
    [
        Duty("not initiator"),
        Duty("not author of blueprint"),
        Duty("not approver of blueprint"),
        Duty("not step"),
        Duty("not on a friday"),
    ],
)
def test_what_is_not_known_refuses(duty: Duty) -> None:
    refusal = check_duties((duty,), ("person:g",), DutyFacts())
    assert refusal is not None
    assert refusal.reason is Reason.SOD
    assert refusal.details == (("duty", duty_words(duty)),)


def test_the_first_broken_duty_is_named() -> None:
    duties = (Duty("not step", "other"), Duty("not step", "assess"), Duty("not initiator"))
    refusal = check_duties(duties, ("person:b", "person:a"), FACTS)
    assert refusal is not None
    assert refusal.details == (("duty", "not step assess"),)
    assert check_duties((), ("person:a",), FACTS) is None
