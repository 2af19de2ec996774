"""A refusal on record is told in other languages by its sentence, the same to the letter, or left in English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.told_again import REFUSALS, has_english, told_again
from ledger.wording import Wording, as_it_is, in_english, wording_value
from orchestrator.refusal_texts import why
from rbac.refusal_texts import why as rbac_why
from tests.console.wordings import PLACE

TEXTS = {code: text for table in REFUSALS for code, text in table.by_code.items()}
TELLING = {code: text for code, text in TEXTS.items() if len(PLACE.sub("", text)) > 8}


def _bare(text: str) -> str:
    return PLACE.sub("", text).replace("`", "")


def _sample(text: str) -> str:
    return text.format(**{name: f"`{name}-1`" for name in PLACE.findall(text)})


@pytest.mark.parametrize("code", TELLING)
def test_every_sentence_of_the_tables_is_found_by_itself(code: str) -> None:
    said = _sample(TELLING[code])
    found = told_again(said)
    assert str(found) == said
    assert not has_english(found)
    assert _bare(TEXTS[found.code]) == _bare(TELLING[code])  # two codes may say the same, with other names of places


def test_a_sentence_within_a_sentence_is_found_too() -> None:
    said = str(why("may-not-do", why=rbac_why("no-rule")))
    found = told_again(said)
    assert wording_value(found) == wording_value(why("may-not-do", why=rbac_why("no-rule")))


def test_limits_and_names_are_arguments_and_no_words() -> None:
    found = told_again("expected 0 to 100000.00 GBP, found 184000.00 GBP")
    assert [str(part) for _, part in found.arguments] == ["100000.00 GBP", "184000.00 GBP"]
    assert found.code.startswith("refused.")
    assert not has_english(found)


@pytest.mark.parametrize("said", ["", "x", "what no table ever said", "expected", "`a`"])
def test_what_no_table_says_stays_as_it_was_written(said: str) -> None:
    assert wording_value(told_again(said)) == wording_value(in_english(said))


def test_words_of_a_library_within_a_sentence_stay_english() -> None:
    said = str(why("time-that-exists", why=in_english("month must be between one and twelve")))
    found = told_again(said)
    assert (found.code, has_english(found)) == ("refused.time-that-exists", True)


@given(st.sampled_from(sorted(TEXTS)), st.text(max_size=40))
def test_whatever_stood_in_a_place_the_sentence_is_the_one_on_record(code: str, given_text: str) -> None:
    said = TEXTS[code].format(**{name: as_it_is(given_text) for name in PLACE.findall(TEXTS[code])})
    found = told_again(said)
    assert str(found) == said
    assert isinstance(found, Wording)
