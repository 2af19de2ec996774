"""Two business keys that a person cannot tell apart are not two keys."""

from unicodedata import normalize

import pytest

from ledger.refusal import Reason
from orchestrator import commands as c
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import end, task


@pytest.mark.parametrize("alike", [" A-1", "A-1 ", "A-1\u00a0", "A\u200b-1", "A-1\ufeff", "A\u00ad-1", "A\u2060-1"])
def test_what_is_shown_as_a_key_that_is_taken_starts_nothing(alike: str) -> None:
    office = Office(task("f", "done"), end())
    office.start("A-1")
    assert office.refused(c.StartInstance("toy", alike, {}), ANN) is Reason.INVALID_DATA


def test_an_accent_is_part_of_its_letter() -> None:
    office = Office(task("f", "done"), end())
    whole, apart = (normalize(form, "Müller-1") for form in ("NFC", "NFD"))
    office.start(whole)
    assert office.refused(c.StartInstance("toy", apart, {}), ANN) is Reason.INVALID_DATA
    assert office.refused(c.StartInstance("toy", whole, {}), ANN) is Reason.BUSINESS_KEY_TAKEN


@pytest.mark.parametrize("key", ["Antrag 12", "申請-7", "می\u200cخواهم", "Ωμέγα 3"])
def test_what_people_write_is_a_key(key: str) -> None:
    office = Office(task("f", "done"), end())
    assert office.start(normalize("NFC", key))
