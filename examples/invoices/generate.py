"""Matching sets of our own: an order, its receipt and its invoice that agree, and the same with one field changed.

The same seed gives the same set, for ever. A changed invoice is recomputed, so it still adds up and differs in
nothing but the field.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal, get_args

from examples.invoices.arithmetic import line_net, rounded
from examples.invoices.match import invoice_key
from examples.invoices.model import (
    COMMERCIAL_INVOICE,
    Invoice,
    Line,
    Order,
    Party,
    Receipt,
    ReceiptLine,
    TaxPart,
    Totals,
)

Change = Literal["quantity", "price", "tax", "order number", "duplicate", "currency"]
CHANGES: tuple[Change, ...] = get_args(Change)

_ITEMS = (
    "Ring binder",
    "Desk lamp",
    "Server rack",
    "Consulting hour",
    "Safety helmet",
    "Toner cartridge",
    "Cable drum",
)
_RATES = (Decimal("20.00"), Decimal("5.00"), Decimal("0.00"))
_CATEGORY = {Decimal("0.00"): "Z"}  # zero rated; all others are standard rated
_FIRST_DAY = date(2026, 1, 5)
BUYER = Party("Demo Organisation", "10000001", "GB100000001")


@dataclass(frozen=True, slots=True)
class MatchingSet:
    """What a three-way match is asked about. `known` are the keys of the invoices taken in before."""

    order: Order
    receipt: Receipt
    invoice: Invoice
    known: frozenset[str] = frozenset()


def matching_set(seed: int, currency: str = "GBP", lines: int | None = None) -> MatchingSet:
    """A set that agrees; `lines` fixes how many lines it has (1 to 6 when left out)."""
    random = Random(seed)  # noqa: S311 - reproducible data, nothing secret
    number = f"{seed:06d}"
    supplier = random.randrange(1, 40)
    seller = Party(f"Supplier {supplier}", f"2{supplier:07d}", f"GB2{supplier:08d}")
    ordered_on = _FIRST_DAY + timedelta(days=random.randrange(300))
    ordered = tuple(_line(random, position) for position in range(1, (lines or random.randrange(1, 7)) + 1))
    order = Order(f"PO-{number}", ordered_on, currency, seller, BUYER, ordered, (), _totals(ordered, _taxes(ordered)))
    arrived = tuple(ReceiptLine(line.id, line.item_id, line.quantity, line.unit) for line in ordered)
    receipt = Receipt(f"GR-{number}", order.number, ordered_on + timedelta(days=9), arrived)
    charged = tuple(replace(line, order_line=line.id) for line in ordered)
    invoice = invoice_of(order, charged, f"INV-{number}", ordered_on + timedelta(days=12))
    return MatchingSet(order, receipt, invoice)


def invoice_of(order: Order, lines: tuple[Line, ...], number: str, issued_on: date) -> Invoice:
    """An invoice for these lines that adds up."""
    taxes = _taxes(lines)
    return Invoice(
        number=number,
        kind=COMMERCIAL_INVOICE,
        issued_on=issued_on,
        currency=order.currency,
        seller=order.seller,
        buyer=order.buyer,
        order_number=order.number,
        lines=lines,
        adjustments=(),
        taxes=taxes,
        totals=_totals(lines, taxes),
    )


def changed(base: MatchingSet, change: Change) -> MatchingSet:
    """The set with this one field of its invoice changed (`duplicate`: with the invoice taken in before)."""
    invoice, first = base.invoice, base.invoice.lines[0]
    if change == "duplicate":
        return replace(base, known=frozenset({invoice_key(invoice)}))
    if change == "order number":
        return replace(base, invoice=replace(invoice, order_number=f"{base.order.number}-X"))
    if change == "currency":
        return replace(base, invoice=replace(invoice, currency="USD" if invoice.currency != "USD" else "EUR"))
    if change == "quantity":
        line = replace(first, quantity=first.quantity + 1)
    elif change == "price":
        line = replace(first, unit_price=(first.unit_price or Decimal(0)) + Decimal("0.50"))
    else:
        line = replace(first, tax_rate=Decimal("12.50"), tax_category="S")
    line = replace(line, net=line_net(line) or Decimal(0))
    lines = (line, *invoice.lines[1:])
    return replace(base, invoice=invoice_of(base.order, lines, invoice.number, invoice.issued_on))


def _line(random: Random, position: int) -> Line:
    rate = random.choice(_RATES)
    line = Line(
        id=str(position),
        item=random.choice(_ITEMS),
        item_id=f"ITEM-{random.randrange(100, 1000)}-{position}",
        quantity=Decimal(random.randrange(1, 40)),
        unit="C62",
        unit_price=Decimal(random.randrange(100, 40_000)) / 100,
        price_per=Decimal(random.choice((1, 1, 1, 10))),
        tax_category=_CATEGORY.get(rate, "S"),
        tax_rate=rate,
        adjustments=Decimal(0),
        net=Decimal(0),
    )
    return replace(line, net=line_net(line) or Decimal(0))


def _taxes(lines: tuple[Line, ...]) -> tuple[TaxPart, ...]:
    basis: dict[tuple[str | None, Decimal | None], Decimal] = {}
    for line in lines:
        key = (line.tax_category, line.tax_rate)
        basis[key] = basis.get(key, Decimal(0)) + line.net
    return tuple(
        TaxPart(category, rate, taxable, rounded(taxable * (rate or Decimal(0)) / 100))
        for (category, rate), taxable in basis.items()
    )


def _totals(lines: tuple[Line, ...], taxes: tuple[TaxPart, ...]) -> Totals:
    net = sum((line.net for line in lines), Decimal(0))
    tax = sum((part.amount for part in taxes), Decimal(0))
    return Totals(net, Decimal(0), Decimal(0), net, tax, net + tax, payable=net + tax)
