"""Who comes and what becomes of it: two hundred stories, the same for the same seed. Pure.

Times are hours before the end of the history. A story says what people do with its tasks and how long they take; what
follows from that, the engine says.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any, Literal

from examples.invoices.intake import money
from examples.load import LoanApplication, ReceivedInvoice, loan_application, received_invoice
from examples.services.payments import LISTED

Process = Literal["loan-origination", "invoice-approval", "customer-onboarding"]
DAYS = 60
COUNTS: dict[Process, int] = {"loan-origination": 84, "invoice-approval": 76, "customer-onboarding": 40}
SEED = 60
FIRST_HOUR = 58 * 24.0  # the first two days belong to what is released
LATER = 0.72  # share of the stories that begin before the last six days
LAST_DAYS = 6 * 24.0
OUTAGE = (33 * 24.0 + 2, 32 * 24.0 - 4)  # core banking does not book
LETTERS_FAIL = 3 * 24.0  # letters are not sent from then on
NEVER = 1e9  # hours: left to whoever signs in
LATE_HOURS = 55.0  # two days are allowed, and four hours later it is passed on

STARTERS = {
    "loan-origination": ("svc:loan-portal", "lending"),
    "invoice-approval": ("svc:invoice-intake", "finance"),
    "customer-onboarding": ("svc:account-desk", "retail"),
}
TRAITS = ("late", "overdue", "conflict", "cancelled", "declined", "held", "sent back", "outage", "left", "claimed")


@dataclass(frozen=True, slots=True)
class Story:
    """One instance. `before_end` is when it begins; `slow` how many hours a task of a step waits for its person.

    `trait` is what is told of it, or empty for an ordinary one. `amount` is what is decided about.
    """

    process: Process
    key: str
    data: dict[str, Any]
    before_end: float
    amount: Decimal
    trait: str = ""
    grade: int = 0
    slow: dict[str, float] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Who starts it: a machine, or a person who also approves."""
        return "budget-owner-2" if self.trait == "conflict" else STARTERS[self.process][0]

    def waits(self, step: str, visit: int = 1) -> float:
        """Hours until somebody takes the task of a step; the same for the same story, step and visit."""
        if step in self.slow:
            return self.slow[step]
        return Random(f"{SEED}|{self.key}|{step}|{visit}").uniform(1.5, 21.0)  # noqa: S311 - reproducible, not secret


def stories() -> list[Story]:
    """All of them, the earliest first."""
    made = [*_loans(), *_invoices(), *_onboardings()]
    return sorted(made, key=lambda story: (-story.before_end, story.key))


def _beginnings(process: Process, shift: float) -> Iterator[float]:
    """Hours before the end: evenly over the weeks, denser in the last days, so that much is under way."""
    total = COUNTS[process]
    early = int(total * LATER)
    for place in range(early):
        yield FIRST_HOUR - (place + shift) * (FIRST_HOUR - LAST_DAYS) / early
    for place in range(total - early):
        yield LAST_DAYS - (place + shift) * (LAST_DAYS - 2.0) / (total - early)


def _loans() -> Iterator[Story]:
    named = {9: "sent back", 16: "cancelled", 21: "declined", 24: "sent back", 30: "outage", 33: "declined"}
    named |= {37: "late", 40: "sent back", 44: "cancelled", 47: "declined", 52: "sent back", 55: "declined"}
    named |= {64: "held", 66: "held", 68: "held", 71: "sent back", 74: "left", 77: "claimed", 78: "left", 80: "claimed"}
    named |= {82: "listed"}
    numbers = _numbers(lambda one: one.waits_at == "officer" and one.amount <= Decimal(100_000) and one.grade < 7)
    listed = _numbers(lambda one: one.waits_at == "compliance")
    plain = count(1)
    for place, before_end in enumerate(_beginnings("loan-origination", 0.3)):
        trait = named.get(place, "")
        one = next(listed) if trait == "listed" else next(numbers) if trait else _loan(next(plain), 61)
        yield _loan_story(one, trait, before_end)


@dataclass(frozen=True, slots=True)
class _Loan:
    made: LoanApplication

    @property
    def amount(self) -> Decimal:
        return Decimal(self.made.data["amount"]["amount"])

    @property
    def grade(self) -> int:
        return self.made.grade

    @property
    def waits_at(self) -> str:
        return self.made.waits_at


def _loan(number: int, seed: int) -> _Loan:
    return _Loan(loan_application(number, seed))


def _numbers(fits: Callable[[_Loan], bool]) -> Iterator[_Loan]:
    return (one for number in count(1) if fits(one := _loan(number, 62)))


def _loan_story(one: _Loan, trait: str, before_end: float) -> Story:
    slow: dict[str, float] = {}
    if trait == "late":
        slow = {"officer": LATE_HOURS}
    elif trait == "held":
        before_end, slow = 40.0 + 3 * (one.grade % 3), {"officer": 9.0}
    elif trait == "outage":
        before_end, slow = OUTAGE[0] + 3.0, {"officer": 6.0}
    elif trait in ("left", "claimed", "cancelled", "listed"):
        slow = {"officer": NEVER, "compliance": NEVER}
        before_end = min(before_end, 30.0) if trait != "cancelled" else before_end
    made = one.made
    return Story("loan-origination", made.business_key, made.data, before_end, one.amount, trait, one.grade, slow)


def _invoices() -> Iterator[Story]:
    named = {12: "cancelled", 28: "conflict", 41: "refused", 58: "overdue", 65: "left", 68: "claimed", 70: "left"}
    named |= {72: "mismatch", 74: "mismatch"}
    fitting = (one for number in count(1) if _is_small(one := received_invoice(number, 64)))
    plain = count(1)
    for place, begins in enumerate(_beginnings("invoice-approval", 0.6)):
        trait = named.get(place, "")
        if trait == "mismatch":
            one = received_invoice(place, 65, "quantity")
        else:
            one = next(fitting) if trait else received_invoice(next(plain), 63)
        slow: dict[str, float] = {}
        if trait in ("overdue", "left", "claimed", "cancelled", "mismatch"):
            slow = {"approval": NEVER, "exception": NEVER}
        before_end = min(begins, 30.0) if trait in ("left", "claimed", "mismatch") else begins
        if trait == "overdue":
            before_end = 80.0  # three days are allowed; a day later it would be passed on
        amount = Decimal(one.data["amount"]["amount"])
        yield Story("invoice-approval", one.data["document_number"], one.data, before_end, amount, trait, 0, slow)


def _is_small(one: ReceivedInvoice) -> bool:
    """Agrees with its order and lies within the limit of Budget Owner 1."""
    amount = one.data["amount"]
    return one.change is None and amount["currency"] == "GBP" and Decimal(amount["amount"]) <= Decimal(9_000)


def _onboardings() -> Iterator[Story]:
    named = {6: "turned away", 11: "sent back", 17: "cancelled", 33: "left", 35: "left"}
    for place, before_end in enumerate(_beginnings("customer-onboarding", 0.8)):
        random = Random(f"{SEED}|onboarding|{place}")  # noqa: S311 - reproducible data, nothing secret
        listed = place % 13 == 5
        deposit = Decimal(random.randrange(50_000, 45_000_000 if place % 9 == 4 else 9_000_000)) / 100
        key = f"CO-{SEED}-{place + 1:05d}"
        data = {
            "onboarding_number": key,
            "customer": {
                "name": f"{LISTED + ' ' if listed else ''}Customer {place + 1}",
                "email": f"customer-{place + 1}@example.com",
                "date_of_birth": f"{random.randrange(1955, 2006)}-0{random.randrange(1, 10)}-1{random.randrange(10)}",
            },
            "deposit": money(deposit, "GBP"),
            "documents": ["passport", "utility bill"][: random.choice((1, 2))],
        }
        trait = named.get(place, "")
        slow = {"identify": NEVER} if trait in ("left", "cancelled") else {}
        yield Story("customer-onboarding", key, data, before_end, deposit, trait, 0, slow)
