"""Skills and units of persons: given for a time, by release alone, and ended, never moved to somebody else."""

import pytest

from ledger.clock import SECOND, Instant, instant_text
from ledger.errors import BrokenInput
from rbac.attributes import Attributes, person_attribute_kind
from tests.rbac.acme import bootstrapped, release
from tests.rbac.memory import START, Log

GIVEN = "person attribute: three-mortgages\nof: p-three\nskill: mortgages\n"


def _until(seconds: int) -> str:
    return instant_text(Instant(START + seconds * SECOND))


def _findings(log: Log, source: str) -> list[str]:
    return [one.rule for one in person_attribute_kind.check(log.work(), person_attribute_kind.read(source))]


def test_a_skill_counts_from_its_release_until_its_end() -> None:
    log, actors = bootstrapped()
    three = actors["p-three"].id
    release(log, person_attribute_kind, f"{GIVEN}until: {_until(60)}\n")
    release(log, person_attribute_kind, "person attribute: three-north\nof: p-three\nunit: north\n")
    known, work = Attributes(), log.work()
    assert known.of(work, START + 1, three) == (("skill", "mortgages"), ("unit", "north"))
    assert known.having(work, START + 1, "skill", "mortgages") == (three,)
    assert known.having(work, START + 1, "unit", "mortgages") == ()
    assert known.having(work, START + 60 * SECOND, "skill", "mortgages") == ()
    assert known.of(work, START + 60 * SECOND, three) == (("unit", "north"),)


def test_an_end_is_brought_forward_by_another_version() -> None:
    log, actors = bootstrapped()
    release(log, person_attribute_kind, GIVEN)
    release(log, person_attribute_kind, f"{GIVEN}until: {_until(5)}\n", 2)
    assert log.entries[-1].kind == "person_attribute.ended"
    assert Attributes().having(log.work(), START + 5 * SECOND, "skill", "mortgages") == ()
    assert Attributes().of(log.work(), START + 1, actors["p-three"].id) == (("skill", "mortgages"),)
    assert _findings(log, f"{GIVEN}until: {_until(60)}\n") == ["end-moved-back"]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        (GIVEN, "nothing-to-end"),
        (GIVEN.replace("p-three", "p-two") + f"until: {_until(5)}\n", "attribute-fixed"),
        (GIVEN.replace("skill", "unit") + f"until: {_until(5)}\n", "attribute-fixed"),
        (GIVEN.replace("p-three", "p-nine"), "unknown-person"),
        (GIVEN.replace("three-mortgages", "other") + f"until: {_until(-5)}\n", "already-over"),
    ],
)
def test_what_a_reviewer_is_told(source: str, rule: str) -> None:
    log, _ = bootstrapped()
    release(log, person_attribute_kind, GIVEN)
    assert _findings(log, source) == [rule]


@pytest.mark.parametrize(
    "source",
    [
        "person attribute: x\nof: p-three\n",
        "person attribute: x\nof: p-three\nskill: a\nunit: b\n",
        "person attribute: x\nof: P Three\nskill: a\n",
        "person attribute: x\nof: p-three\nskill: Big One\n",
        "person attribute: x\nof: p-three\nskill: a\nlevel: 3\n",
        "person attribute: x\nof: p-three\nskill: a\nfrom: 2026-01-02T00:00:00Z\nuntil: 2026-01-01T00:00:00Z\n",
    ],
)
def test_a_source_that_says_something_else_is_broken_input(source: str) -> None:
    with pytest.raises(BrokenInput):
        person_attribute_kind.read(source)
