"""UBL 2.1 invoices and orders (OASIS UBL 2.1, sections 3.2.28 and 3.2.37; the core of EN 16931-3-2)."""

from decimal import Decimal

from examples.invoices.fields import Reader, broken, currency_code, decimal, flag, iso_date
from examples.invoices.model import Adjustment, Invoice, Line, Order, Party, TaxPart, Totals
from examples.strict_xml import Element

NAMESPACES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
INVOICE_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
ORDER_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
INVOICE = f"{INVOICE_NAMESPACE} Invoice"
ORDER = f"{ORDER_NAMESPACE} Order"

_X = Reader(NAMESPACES)
_ZERO = Decimal(0)


def read_invoice(root: Element) -> Invoice:
    """The invoice of an `Invoice` document; `BrokenInput` with the place of what is missing or malformed."""
    if root.name != INVOICE:
        raise broken(root, f"expected a UBL invoice, found `{root.local}`")
    currency = currency_code(_X.one(root, "cbc:DocumentCurrencyCode"))
    lines = _X.many(root, "cac:InvoiceLine")
    if not lines:
        raise broken(root, "expected at least one `cac:InvoiceLine`, found none")
    tax = _tax_total(root, currency)
    return Invoice(
        number=_X.text(root, "cbc:ID"),
        kind=_X.text(root, "cbc:InvoiceTypeCode"),
        issued_on=iso_date(_X.one(root, "cbc:IssueDate")),
        currency=currency,
        seller=_party(_X.one(root, "cac:AccountingSupplierParty", "cac:Party")),
        buyer=_party(_X.one(root, "cac:AccountingCustomerParty", "cac:Party")),
        order_number=_X.maybe_text(root, "cac:OrderReference", "cbc:ID"),
        lines=tuple(_invoice_line(line, currency) for line in lines),
        adjustments=_adjustments(root, currency),
        taxes=_tax_parts(tax, currency) if tax else (),
        totals=_totals(_X.one(root, "cac:LegalMonetaryTotal"), tax, currency),
        syntax="UBL 2.1",
        place=root.place,
    )


def read_order(root: Element) -> Order:
    """The order of an `Order` document."""
    if root.name != ORDER:
        raise broken(root, f"expected a UBL order, found `{root.local}`")
    currency = currency_code(_X.one(root, "cbc:DocumentCurrencyCode"))
    items = _X.many(root, "cac:OrderLine", "cac:LineItem")
    if not items:
        raise broken(root, "expected at least one `cac:OrderLine`, found none")
    tax = _tax_total(root, currency)
    return Order(
        number=_X.text(root, "cbc:ID"),
        issued_on=iso_date(_X.one(root, "cbc:IssueDate")),
        currency=currency,
        seller=_party(_X.one(root, "cac:SellerSupplierParty", "cac:Party")),
        buyer=_party(_X.one(root, "cac:BuyerCustomerParty", "cac:Party")),
        lines=tuple(_line(item, currency, "cbc:Quantity", None) for item in items),
        adjustments=_adjustments(root, currency),
        totals=_totals(_X.one(root, "cac:AnticipatedMonetaryTotal"), tax, currency),
        syntax="UBL 2.1",
        place=root.place,
    )


def _party(party: Element) -> Party:
    legal = _X.maybe(party, "cac:PartyLegalEntity")
    registered = _X.maybe_text(legal, "cbc:RegistrationName")
    name = registered or _X.maybe_text(party, "cac:PartyName", "cbc:Name")
    if not name:
        raise broken(party, "expected a name, found none")
    tax_ids = [
        _X.text(scheme, "cbc:CompanyID")
        for scheme in _X.many(party, "cac:PartyTaxScheme")
        if _X.maybe_text(scheme, "cac:TaxScheme", "cbc:ID") == "VAT"
    ]
    if len(tax_ids) > 1:
        raise broken(party, f"expected one VAT number, found {len(tax_ids)}")
    return Party(name, _X.maybe_text(legal, "cbc:CompanyID"), tax_ids[0] if tax_ids else None)


def _invoice_line(line: Element, currency: str) -> Line:
    return _line(line, currency, "cbc:InvoicedQuantity", _X.maybe_text(line, "cac:OrderLineReference", "cbc:LineID"))


def _line(line: Element, currency: str, quantity_name: str, order_line: str | None) -> Line:
    quantity = _X.one(line, quantity_name)
    item = _X.one(line, "cac:Item")
    price = _X.maybe(line, "cac:Price")
    tax = _X.maybe(item, "cac:ClassifiedTaxCategory")
    per = _X.maybe_decimal(price, "cbc:BaseQuantity")
    return Line(
        id=_X.text(line, "cbc:ID"),
        item=_X.text(item, "cbc:Name"),
        item_id=_X.maybe_text(item, "cac:SellersItemIdentification", "cbc:ID"),
        quantity=decimal(quantity),
        unit=quantity.attributes.get("unitCode", ""),
        unit_price=_X.amount(currency, price, "cbc:PriceAmount") if price else None,
        price_per=Decimal(1) if per is None else _positive(line, per),
        tax_category=_X.maybe_text(tax, "cbc:ID"),
        tax_rate=_X.maybe_decimal(tax, "cbc:Percent"),
        adjustments=sum((part.amount for part in _adjustments(line, currency)), _ZERO),
        net=_X.amount(currency, line, "cbc:LineExtensionAmount"),
        order_line=order_line,
        place=line.place,
    )


def _positive(line: Element, value: Decimal) -> Decimal:
    if value <= 0:
        raise broken(line, f"expected a base quantity above zero, found `{value}`")
    return value


def _adjustments(parent: Element, currency: str) -> tuple[Adjustment, ...]:
    found = []
    for part in _X.many(parent, "cac:AllowanceCharge"):
        charge = flag(_X.one(part, "cbc:ChargeIndicator"))
        value = _X.amount(currency, part, "cbc:Amount")
        tax = _X.maybe(part, "cac:TaxCategory")
        found.append(
            Adjustment(
                value if charge else -value,
                _X.maybe_text(tax, "cbc:ID"),
                _X.maybe_decimal(tax, "cbc:Percent"),
            )
        )
    return tuple(found)


def _tax_total(root: Element, currency: str) -> Element | None:
    # A second total may stand in the accounting currency [BT-111]; ours is the one in the document's currency.
    found = [
        total
        for total in _X.many(root, "cac:TaxTotal")
        if _X.one(total, "cbc:TaxAmount").attributes.get("currencyID", currency) == currency
    ]
    if len(found) > 1:
        raise broken(found[1], f"expected one `cac:TaxTotal` in `{currency}`, found {len(found)}")
    return found[0] if found else None


def _tax_parts(total: Element, currency: str) -> tuple[TaxPart, ...]:
    return tuple(
        TaxPart(
            _X.text(part, "cac:TaxCategory", "cbc:ID"),
            _X.maybe_decimal(part, "cac:TaxCategory", "cbc:Percent"),
            _X.amount(currency, part, "cbc:TaxableAmount"),
            _X.amount(currency, part, "cbc:TaxAmount"),
            part.place,
        )
        for part in _X.many(total, "cac:TaxSubtotal")
    )


def _totals(totals: Element, tax: Element | None, currency: str) -> Totals:
    return Totals(
        lines=_X.amount(currency, totals, "cbc:LineExtensionAmount"),
        allowances=_X.maybe_amount(currency, totals, "cbc:AllowanceTotalAmount") or _ZERO,
        charges=_X.maybe_amount(currency, totals, "cbc:ChargeTotalAmount") or _ZERO,
        taxable=_X.maybe_amount(currency, totals, "cbc:TaxExclusiveAmount"),
        tax=_X.amount(currency, tax, "cbc:TaxAmount") if tax else None,
        inclusive=_X.maybe_amount(currency, totals, "cbc:TaxInclusiveAmount"),
        prepaid=_X.maybe_amount(currency, totals, "cbc:PrepaidAmount") or _ZERO,
        rounding=_X.maybe_amount(currency, totals, "cbc:PayableRoundingAmount") or _ZERO,
        payable=_X.amount(currency, totals, "cbc:PayableAmount"),
        place=totals.place,
    )
