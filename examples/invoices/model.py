"""Invoices, orders and receipts as frozen values, whatever syntax they came in.

Amounts are `Decimal` in the document's currency, at most two decimals where the standard says so (EN 16931). Terms in
brackets are the business terms of EN 16931-1. Places say where a thing stood in its source and are no part of its
value: the same invoice in two syntaxes is one value.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from examples.strict_xml import Place

NOWHERE = Place(0, "")
COMMERCIAL_INVOICE = "380"  # UNTDID 1001


@dataclass(frozen=True, slots=True)
class Party:
    """Seller or buyer: name [BT-27, BT-44], legal registration [BT-30, BT-47], tax number [BT-31, BT-48]."""

    name: str
    registration: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance (negative) or charge (positive) on the whole document [BG-20, BG-21]."""

    amount: Decimal
    tax_category: str | None
    tax_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order or an invoice. `unit_price` is for `price_per` units; `net` is without tax."""

    id: str
    item: str
    item_id: str | None  # the seller's number of the item [BT-155]
    quantity: Decimal
    unit: str  # UN/ECE recommendation 20
    unit_price: Decimal | None  # net [BT-146]; some profiles do not state it
    price_per: Decimal  # [BT-149]
    tax_category: str | None  # UNTDID 5305
    tax_rate: Decimal | None  # per cent
    adjustments: Decimal  # charges less allowances on this line [BG-27, BG-28]
    net: Decimal
    order_line: str | None = None  # [BT-132]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TaxPart:
    """Tax of one category and rate [BG-23]."""

    category: str | None
    rate: Decimal | None
    taxable: Decimal
    amount: Decimal
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of a document [BG-22]. None = not stated; what defaults to zero by the standard is zero."""

    lines: Decimal | None
    allowances: Decimal
    charges: Decimal
    taxable: Decimal | None
    tax: Decimal | None
    inclusive: Decimal | None
    prepaid: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)
    payable: Decimal | None = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `syntax` names the form it came in; `test` is true where it calls itself a test."""

    number: str  # [BT-1]
    kind: str  # [BT-3]
    issued_on: date  # [BT-2]
    currency: str  # [BT-5]
    seller: Party
    buyer: Party
    order_number: str | None  # [BT-13]
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    taxes: tuple[TaxPart, ...]
    totals: Totals
    test: bool = False
    syntax: str = field(default="", compare=False)
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase order."""

    number: str
    issued_on: date
    currency: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    totals: Totals
    syntax: str = field(default="", compare=False)
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What arrived of one order line."""

    order_line: str
    item_id: str | None
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A goods receipt: our own store's record, so it has no foreign syntax."""

    number: str
    order_number: str
    received_on: date
    lines: tuple[ReceiptLine, ...]
