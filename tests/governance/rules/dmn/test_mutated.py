"""Files that were changed at random: read to a model that writes back to itself, or refused; never another error."""

import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from random import Random

import pytest

from governance.rules.dmn.as_table import read_any_table
from governance.rules.dmn.checked import check_file
from governance.rules.dmn.read import read_model
from governance.rules.dmn.words import explained_in_words, model_in_words
from governance.rules.dmn.write import write_model
from governance.rules.errors import RuleError
from ledger.errors import BrokenInput
from tests.conftest import CASES

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not CASES.is_dir(), reason="no published models")]

_PARTS = (rb"<text>([^<]*)</text>", rb'href="(#[^"]*)"', rb'typeRef="([^"]*)"', rb'hitPolicy="([^"]*)"', rb"<(\w+)[ >]")
VALUES = (None, True, Decimal(1), Decimal("1e30"), "a", "", (Decimal(1), "x"), {"a": Decimal(1)}, {"item": 1, "?": 2})


def mutated(seed: int, count: int) -> Iterator[tuple[bytes, Random]]:
    """So many files: published ones with parts exchanged for parts of others, bytes changed, and pieces cut out."""
    random = Random(seed)
    files = [path.read_bytes() for path in sorted((CASES / "decision-tables").rglob("*.dmn"))]
    pool = {part: [found for file in files for found in re.findall(part, file)] for part in _PARTS}
    for _ in range(count):
        data = random.choice(files)
        for _ in range(random.randint(1, 5)):
            part = random.choice((*_PARTS, b""))
            places = list(re.finditer(part, data)) if part else []
            if places:
                place = random.choice(places)
                data = data[: place.start(1)] + random.choice(pool[part]) + data[place.end(1) :]
            else:
                at = random.randrange(len(data))
                data = data[:at] + random.randbytes(random.randint(0, 1)) + data[at + random.randint(1, 40) :]
        yield data, random


def survives(data: bytes, random: Random) -> str:
    """What became of a file."""
    try:
        model, findings = read_model(data)
        checked = check_file(data)
        assert set(findings) <= set(checked.findings)
        if model is None:
            assert checked.compiled is None
            return "refused"
        assert read_model(write_model(model)).model == model
    except BrokenInput:
        return "refused"
    if checked.compiled is None:
        return "refused"
    compiled = checked.compiled
    assert model_in_words(compiled)
    for name in compiled.decisions:
        try:
            told = compiled.explain(name, {one: random.choice(VALUES) for one in compiled.inputs(name)})
        except RuleError:
            continue
        assert explained_in_words(told)
    with suppress(BrokenInput):
        read_any_table(data.decode())
    return "evaluated"


def test_a_file_that_was_changed_gives_a_model_or_a_refusal() -> None:
    verdicts = [survives(*one) for one in mutated(seed=4, count=150)]
    assert {"refused", "evaluated"} == set(verdicts)


@pytest.mark.long
def test_very_many_files_that_were_changed() -> None:
    for seed in range(40):
        assert [survives(*one) for one in mutated(seed, count=500)]
