"""Three-way match: was it ordered, did it arrive, and is the invoice for just that? A pure function.

An invoice answers for one receipt: each order line is charged in the quantity received, neither more nor less, at the
ordered price and tax, by the ordered seller, in the ordered currency, once. What a document does not state is a
mismatch, never a pass. An invoice that does not add up (see `arithmetic`) is a mismatch too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from examples.invoices.arithmetic import check
from examples.invoices.model import COMMERCIAL_INVOICE, Invoice, Line, Order, Party, Receipt
from examples.strict_xml import Place

Field = Literal[
    "document", "duplicate", "order number", "seller", "currency", "line", "quantity", "price", "tax", "total"
]
NOT_STATED = "not stated"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that does not agree: what was expected, what was found, and where in the invoice."""

    field: Field
    expected: str
    found: str
    place: Place


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict. `agrees` exactly when there is no mismatch."""

    agrees: bool
    mismatches: tuple[Mismatch, ...]


def invoice_key(invoice: Invoice) -> str:
    """What must be unique among a buyer's invoices: the seller and the seller's number."""
    seller = invoice.seller
    return f"{seller.tax_id or seller.registration or seller.name} {invoice.number}"


def match(order: Order, receipt: Receipt, invoice: Invoice, known: Collection[str] = ()) -> Match:
    """Compare the three. `known` holds the keys (`invoice_key`) of the invoices already taken in."""
    found = (
        *_heads(order, receipt, invoice, known),
        *_lines(order, receipt, invoice),
        *_adjustments(order, invoice),
        *(
            Mismatch("total", f"{finding.expected} ({finding.rule})", str(finding.found), finding.place)
            for finding in check(invoice)
        ),
    )
    return Match(not found, found)


def _heads(order: Order, receipt: Receipt, invoice: Invoice, known: Collection[str]) -> Iterator[Mismatch]:
    place = invoice.place
    if invoice.kind != COMMERCIAL_INVOICE:
        yield Mismatch("document", f"type {COMMERCIAL_INVOICE}", f"type {invoice.kind}", place)
    if invoice.test:
        yield Mismatch("document", "an invoice", "a test of one", place)
    if invoice_key(invoice) in known:
        yield Mismatch("duplicate", "a new invoice", f"{invoice.number} again", place)
    if invoice.order_number != order.number:
        yield Mismatch("order number", order.number, invoice.order_number or NOT_STATED, place)
    if receipt.order_number != order.number:
        yield Mismatch("order number", order.number, f"{receipt.order_number} on receipt {receipt.number}", place)
    if not _same_party(order.seller, invoice.seller):
        yield Mismatch("seller", order.seller.name, invoice.seller.name, place)
    if invoice.currency != order.currency:
        yield Mismatch("currency", order.currency, invoice.currency, place)


def _same_party(one: Party, other: Party) -> bool:
    # A number that both state decides; a name alone identifies only where neither states the other's number.
    if one.tax_id and other.tax_id:
        return _bare(one.tax_id) == _bare(other.tax_id)
    if one.registration and other.registration:
        return _bare(one.registration) == _bare(other.registration)
    return one.name == other.name


def _bare(number: str) -> str:
    return number.replace(" ", "").upper()


def _lines(order: Order, receipt: Receipt, invoice: Invoice) -> Iterator[Mismatch]:
    if not invoice.lines:
        yield Mismatch("line", "at least one line", "none", invoice.place)
    charged: dict[str, list[Line]] = defaultdict(list)
    for line in invoice.lines:
        ordered = _ordered_line(order, line)
        if ordered is None:
            yield Mismatch("line", "a line of the order", line.order_line or line.item_id or line.item, line.place)
            continue
        charged[ordered.id].append(line)
        yield from _terms(ordered, line)
    for ordered in order.lines:
        yield from _quantity(ordered, receipt, charged[ordered.id], invoice.place)
    known = {line.id for line in order.lines}
    for received in receipt.lines:
        if received.order_line not in known:
            yield Mismatch("line", "a line of the order", f"{received.order_line} on the receipt", invoice.place)


def _ordered_line(order: Order, line: Line) -> Line | None:
    if line.order_line is not None:
        found = [ordered for ordered in order.lines if ordered.id == line.order_line]
    else:
        found = [ordered for ordered in order.lines if line.item_id and ordered.item_id == line.item_id]
    return found[0] if len(found) == 1 else None


def _terms(ordered: Line, line: Line) -> Iterator[Mismatch]:
    if (ordered.item_id or line.item_id) and ordered.item_id != line.item_id:
        yield Mismatch("line", ordered.item_id or NOT_STATED, line.item_id or NOT_STATED, line.place)
    if (
        ordered.unit_price is None
        or line.unit_price is None
        or ordered.unit_price * line.price_per != line.unit_price * ordered.price_per
    ):
        yield Mismatch("price", _price(ordered), _price(line), line.place)
    if line.adjustments != ordered.adjustments:
        yield Mismatch("price", f"charges {ordered.adjustments}", f"charges {line.adjustments}", line.place)
    if ordered.tax_rate is None or (ordered.tax_category, ordered.tax_rate) != (line.tax_category, line.tax_rate):
        yield Mismatch("tax", _tax(ordered), _tax(line), line.place)


def _quantity(ordered: Line, receipt: Receipt, charged: list[Line], place: Place) -> Iterator[Mismatch]:
    received = [line for line in receipt.lines if line.order_line == ordered.id]
    arrived = sum((line.quantity for line in received), _ZERO)
    billed = sum((line.quantity for line in charged), _ZERO)
    units = {line.unit for line in received} | {line.unit for line in charged}
    where = charged[0].place if charged else place
    if units - {ordered.unit}:
        yield Mismatch("quantity", f"unit {ordered.unit}", f"unit {', '.join(sorted(units - {ordered.unit}))}", where)
    elif billed != arrived:
        yield Mismatch("quantity", f"{arrived} received of line {ordered.id}", str(billed), where)
    elif billed > ordered.quantity:
        yield Mismatch("quantity", f"{ordered.quantity} ordered of line {ordered.id}", str(billed), where)


def _adjustments(order: Order, invoice: Invoice) -> Iterator[Mismatch]:
    agreed = order.totals.charges - order.totals.allowances
    found = sum((part.amount for part in invoice.adjustments), _ZERO)
    if found != agreed:
        yield Mismatch("price", f"charges {agreed} on the document", f"charges {found}", invoice.totals.place)


def _price(line: Line) -> str:
    return NOT_STATED if line.unit_price is None else f"{line.unit_price} for {line.price_per}"


def _tax(line: Line) -> str:
    return NOT_STATED if line.tax_rate is None else f"{line.tax_category or ''} {line.tax_rate}".strip()
