"""Every reason that the service can give has words for people, in each language of the console."""

import json
import re

import pytest

from api import problems
from ledger.refusal import Reason
from tests.conftest import ROOT

PROBLEMS = {
    value
    for name, value in vars(problems).items()
    if isinstance(value, str) and name == value and re.fullmatch(r"[A-Z_]+", value)
}
MACHINES_ONLY = {problems.NO_COMMAND_ID}  # a page always sends one


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_has_words(language: str) -> None:
    told = json.loads((ROOT / "console" / "src" / "i18n" / language / "reasons.json").read_text("utf-8"))
    codes = {reason.value for reason in Reason} | (PROBLEMS - MACHINES_ONLY)
    assert len(codes) > 50
    wanted = {f"reason.{code.lower().replace('_', '-')}.{part}" for code in codes for part in ("what", "do")}
    assert wanted - set(told) == set()
    assert all(text.strip() == text and text.endswith(".") for text in told.values())
