"""Start data: the same for the same seed, every way through the process occurs, no floats, and the oracle is right."""

from decimal import Decimal
from typing import Any

import pytest

from examples.invoices.generate import CHANGES
from examples.load import (
    LOAN_STEPS,
    credit_grade,
    loan_application,
    loan_applications,
    received_invoice,
    received_invoices,
)
from ledger import canonical


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data() -> None:
    assert list(loan_applications(50, 3)) == list(loan_applications(50, 3))
    assert list(received_invoices(10, 3)) == list(received_invoices(10, 3))
    assert loan_application(7, 3) == list(loan_applications(10, 3))[6]
    assert {item.business_key for item in loan_applications(50, 3)}.isdisjoint(
        item.business_key for item in loan_applications(50, 4)
    )


def test_data_is_canonical_and_keys_are_unique() -> None:
    items: list[Any] = [*loan_applications(200), *received_invoices(40)]
    for item in items:
        canonical.encode(item.data)  # refuses floats
    assert len({item.business_key for item in items}) == len(items)


def test_every_way_through_a_loan_occurs() -> None:
    found = [item.waits_at for item in loan_applications(500)]
    assert set(found) == set(LOAN_STEPS)
    assert found.count("officer") > 150


def test_every_mismatch_occurs_and_shows_in_the_data() -> None:
    items = list(received_invoices(150))
    assert {item.change for item in items} == {None, *CHANGES}
    for item in items:
        fields = [line.partition(":")[0] for line in item.data["mismatches"]]
        assert fields == ([] if item.change is None else [item.change])
        assert item.data["duplicate"] is (item.change == "duplicate")
    assert 80 < sum(item.change is None for item in items) < 130


@pytest.mark.parametrize("change", CHANGES)
def test_a_wanted_mismatch_is_made(change: Any) -> None:
    item = received_invoice(1, change=change)
    assert [line.partition(":")[0] for line in item.data["mismatches"]] == [change]
    assert item.goes_to == ("tell-supplier" if change == "duplicate" else "exception")


def test_invoice_amounts_meet_every_budget_owner() -> None:
    amounts = [Decimal(item.data["amount"]["amount"]) for item in received_invoices(100)]
    assert min(amounts) < 10_000 < max(amounts)
    assert any(10_000 < amount <= 50_000 for amount in amounts)
    assert all(amount <= 1_000_000 for amount in amounts)


@pytest.mark.parametrize(
    ("score", "defaults", "grade"),
    [
        (850, 0, 1), (780, 0, 1), (779, 0, 2), (740, 0, 2), (700, 0, 3), (660, 0, 4), (659, 0, 5), (640, 1, 5),
        (639, 0, 6), (600, 0, 6), (639, 1, 7), (600, 2, 7), (600, 3, 9), (599, 0, 8), (560, 2, 8), (560, 3, 9),
        (559, 0, 9), (850, 2, 9), (780, 1, 5),
    ],
)  # fmt: skip
def test_grades_at_the_edges(score: int, defaults: int, grade: int) -> None:
    assert credit_grade(score, defaults) == grade
