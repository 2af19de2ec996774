"""Values print to canonical bytes and are read back strictly; the pure modules stand alone."""

import ast
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.authority import Register
from governance.grant import (
    Grant,
    Instrument,
    Office,
    StatusEvent,
    canonical_bytes,
    decimal_text,
    digest_of,
    grant_of,
    instrument_of,
    limit_of,
    office_of,
    readable,
    status_of,
)  # fmt: skip
from ledger import canonical
from ledger.errors import BrokenState
from tests.governance.lending import CHILD, HEAD, MINUTE, PER_CASE, REGISTER, T0, Status, office, status
from tests.governance.test_decision_properties import registers

ROOM = Path(__file__).parents[2] / "governance"
ALONE = ("grant", "authority", "chain", "duties", "stand", "decision", "refusal_texts", "signature")

texts = st.text(st.characters(codec="utf-8"), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=126), max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values)
@settings(deadline=None)
def test_canonical_bytes_equal_the_ledgers(value: Any) -> None:
    assert canonical_bytes(value) == canonical.encode(value)
    assert digest_of(value) == canonical.digest(value)


@given(registers())
@settings(max_examples=50, deadline=None)
def test_every_part_of_a_register_reads_back(register: Register) -> None:
    read: list[tuple[tuple[Instrument | Grant | StatusEvent | Office, ...], Callable[[dict[str, Any]], object]]] = [
        (register.instruments, instrument_of), (register.grants, grant_of), (register.statuses, status_of),
        (register.offices, office_of),
    ]  # fmt: skip
    for parts, made in read:
        for part in parts:
            value = canonical.decode(canonical.encode(part.as_value()))
            assert made(value) == part
    for grant in register.grants:
        for limit in grant.limits:
            assert limit_of(limit.as_value()) == limit
    assert canonical.digest(register.as_value()) == register.digest


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (instrument_of, MINUTE), (grant_of, CHILD), (office_of, office((HEAD, T0, T0 + 1))),
        (status_of, status("ag_child", Status.REVOKED, T0)),
    ],
)  # fmt: skip
def test_a_value_with_a_member_too_many_or_too_few_is_broken(made: Any, part: Any) -> None:
    value = part.as_value()
    for member in value:
        with pytest.raises(BrokenState):
            made({name: held for name, held in value.items() if name != member})
    with pytest.raises(BrokenState):
        made({**value, "more": 1})


def test_a_value_in_another_spelling_is_broken() -> None:
    value = CHILD.as_value()
    spelled = {**value, "limits": [{**value["limits"][0], "max": "1E+5"}]}
    with pytest.raises(BrokenState):
        grant_of(spelled)
    with pytest.raises(BrokenState):
        grant_of({**value, "limits": [{**value["limits"][0], "per": "moon"}]})


@pytest.mark.parametrize("member", sorted(CHILD.as_value()))
def test_every_member_moves_the_digest(member: str) -> None:
    value = CHILD.as_value()
    held = value[member]
    other = held + 1 if isinstance(held, int) else [*held, held] if isinstance(held, list) else f"{held}x"
    assert digest_of({**value, member: other}) != CHILD.digest


def test_decimals_keep_their_scale_and_stay_small() -> None:
    assert [decimal_text(Decimal(text)) for text in ("1.50", "0", "1E+3")] == ["1.50", "0", "1000"]
    assert readable(Decimal("9" * 30))
    assert readable(Decimal("0." + "9" * 30))
    assert not any(readable(Decimal(text)) for text in ("NaN", "sNaN", "-Infinity", "1E30", "1E-31"))
    assert PER_CASE.allows(Decimal("100000"))
    assert not PER_CASE.allows(Decimal("100000.001"))


def test_an_unknown_register_knows_nothing() -> None:
    assert REGISTER.known(T0 - 1) == Register()
    assert REGISTER.known(T0) != REGISTER
    assert Register().persons("", T0) == frozenset()
    assert Register().persons("office:x", T0) == frozenset()
    assert Register().first_start(CHILD) == CHILD.valid_from


@pytest.mark.parametrize("module", ALONE)
def test_what_a_verifier_carries_needs_the_standard_library_alone(module: str) -> None:
    allowed = {*(f"governance.{name}" for name in ALONE), "ledger.errors", "ledger.refusal", "ledger.wording"}
    tree = ast.parse((ROOM / f"{module}.py").read_text())
    for node in ast.walk(tree):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert name in allowed or name.partition(".")[0] in sys.stdlib_module_names, name
