"""What the limit of an authority is measured on, as authority takes it. Pure."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple


class Amount(NamedTuple):
    """Money as authority measures it."""

    amount: Decimal
    currency: str


def amount_of(value: Any) -> Amount | Decimal | None:
    """What limits are measured on: money, a plain number, or nothing. As `governance.rules.values` prints them."""
    if type(value) is dict and len(value) == 1:
        ((_, value),) = value.items()  # `{"$money": ...}` or `{"$decimal": ...}` where nothing declares the type
    if type(value) is dict and value.keys() == {"amount", "currency"}:
        return Amount(Decimal(value["amount"]), value["currency"])
    try:
        return Decimal(value) if type(value) in (int, str) else None
    except InvalidOperation:
        return None


def currency_of(value: Any) -> str:
    """The currency of what is measured; empty for a plain number, and for what could not be worked out."""
    amount = amount_of(value)
    return amount.currency if isinstance(amount, Amount) else ""
