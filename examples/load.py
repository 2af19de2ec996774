"""Start data for many instances, the same for the same seed: for the demo, the benchmarks and the tests.

    python -m examples.load loans 3 --seed 7        prints start data as JSON, one line each

Each item says which way the process should take it, worked out here from the same rules in plain Python, so a test has
something to compare the engine with.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Literal, get_args

from examples.invoices import write_cii, write_ubl
from examples.invoices.generate import CHANGES, Change, MatchingSet, changed, matching_set
from examples.invoices.intake import money, take_in
from examples.services.payments import LISTED, bureau_answer, is_listed

LoanStep = Literal["ask-applicant", "compliance", "officer-high", "officer"]
InvoiceStep = Literal["approval", "exception", "tell-supplier"]
LOAN_STEPS: tuple[LoanStep, ...] = get_args(LoanStep)

HIGH_AMOUNT = Decimal(250_000)
HIGH_GRADE = 7
DOCUMENTS_NEEDED = 2

_PURPOSES = ("car", "home improvement", "education", "medical treatment", "small business")
_DOCUMENTS = ("proof of identity", "proof of income", "bank statement")
_FIRST_BIRTH = date(1950, 1, 1)
_SEED_STRIDE = 1_000_000  # sets of different seeds never share a number


@dataclass(frozen=True, slots=True)
class LoanApplication:
    """Start data of one `loan-origination`, and the first step at which it waits for someone outside."""

    business_key: str
    data: dict[str, Any]
    grade: int
    waits_at: LoanStep


@dataclass(frozen=True, slots=True)
class ReceivedInvoice:
    """One received document with its start data for `invoice-approval`; `change` is what does not match, or None."""

    business_key: str
    data: dict[str, Any]
    document: bytes
    source: MatchingSet
    change: Change | None
    goes_to: InvoiceStep


def loan_applications(count: int, seed: int = 1, first: int = 1) -> Iterator[LoanApplication]:
    """This many applications, numbered from `first`. About 1 in 20 is incomplete, 1 in 25 listed, 1 in 10 large."""
    for number in range(first, first + count):
        yield loan_application(number, seed)


def loan_application(number: int, seed: int = 1) -> LoanApplication:
    """The application of this number; it depends on nothing but number and seed."""
    random = Random(seed * _SEED_STRIDE + number)  # noqa: S311 - reproducible data, nothing secret
    listed = random.random() < 0.04
    name = f"{LISTED + ' ' if listed else ''}Applicant {number}"
    born = (_FIRST_BIRTH + timedelta(days=random.randrange(20_000))).isoformat()
    large = random.random() < 0.10
    amount = Decimal(random.randrange(25_000_100, 90_000_000) if large else random.randrange(100_000, 12_000_000)) / 100
    documents = list(_DOCUMENTS[: 1 if random.random() < 0.05 else random.choice((2, 3))])
    key = f"LA-{seed}-{number:07d}"
    data = {
        "application_number": key,
        "applicant": {"name": name, "email": f"applicant-{number}@example.com", "date_of_birth": born},
        "amount": money(amount, "GBP"),
        "purpose": random.choice(_PURPOSES),
        "submitted": {"documents": documents},
    }
    answer = bureau_answer(name, born)
    grade = credit_grade(answer["score"], answer["defaults"])
    return LoanApplication(key, data, grade, _waits_at(documents, name, amount, grade))


def credit_grade(score: int, defaults: int) -> int:
    """The rule table `credit-grade` said again in Python, as an oracle."""
    if defaults == 0:
        for grade, least in ((1, 780), (2, 740), (3, 700), (4, 660), (5, 640), (6, 600)):
            if score >= least:
                return grade
    if score >= 640 and defaults <= 1:
        return 5
    if 600 <= score < 640 and defaults <= 2:
        return 7
    return 8 if 560 <= score < 600 and defaults <= 2 else 9


def _waits_at(documents: list[str], name: str, amount: Decimal, grade: int) -> LoanStep:
    if len(documents) < DOCUMENTS_NEEDED:
        return "ask-applicant"
    if is_listed(name):
        return "compliance"
    return "officer-high" if amount > HIGH_AMOUNT or grade >= HIGH_GRADE else "officer"


def received_invoices(count: int, seed: int = 1, first: int = 1) -> Iterator[ReceivedInvoice]:
    """This many documents, UBL and CII in turn. About 7 in 10 match; each kind of mismatch takes its turn."""
    for number in range(first, first + count):
        yield received_invoice(number, seed)


def received_invoice(number: int, seed: int = 1, change: Change | None = None) -> ReceivedInvoice:
    """The document of this number; `change` fixes what does not match instead of leaving it to the seed."""
    made = matching_set(seed * _SEED_STRIDE + number)
    digest = hashlib.sha256(f"{seed}|{number}".encode()).digest()
    if change is None and digest[0] < 77:  # 3 in 10
        change = CHANGES[digest[1] % len(CHANGES)]
    if change is not None:
        made = changed(made, change)
    write = write_ubl.write_invoice if number % 2 else write_cii.write_invoice
    document = write(made.invoice)
    key = f"DOC-{seed}-{number:07d}"
    data = take_in(key, document, made.order, made.receipt, made.known)
    goes_to: InvoiceStep = "approval"
    if change is not None:
        goes_to = "tell-supplier" if change == "duplicate" else "exception"
    return ReceivedInvoice(key, data, document, made, change, goes_to)


def main() -> None:
    """Print start data, one JSON object a line."""
    parser = argparse.ArgumentParser(description="start data for the demo blueprints")
    parser.add_argument("what", choices=("loans", "invoices"))
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = loan_applications if given.what == "loans" else received_invoices
    for item in made(given.count, given.seed):
        print(json.dumps(item.data))  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
