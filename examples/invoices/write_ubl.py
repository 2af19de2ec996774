"""Writes orders and invoices as UBL 2.1, in the element order of its schemas; `ubl` reads the same values back."""

from decimal import Decimal

from lxml import etree

from examples.invoices.model import Adjustment, Invoice, Line, Order, Party, TaxPart, Totals
from examples.invoices.ubl import INVOICE_NAMESPACE, NAMESPACES, ORDER_NAMESPACE

CUSTOMIZATION = "urn:cen.eu:en16931:2017"


def write_invoice(invoice: Invoice) -> bytes:
    """The invoice as a UTF-8 document. UBL has no test mark, so a test invoice is a `ValueError`."""
    if invoice.test:
        raise ValueError("expected an invoice, found a test of one")
    root = _root("Invoice", INVOICE_NAMESPACE)
    currency = invoice.currency
    _add(root, "cbc:CustomizationID", CUSTOMIZATION)
    _add(root, "cbc:ID", invoice.number)
    _add(root, "cbc:IssueDate", invoice.issued_on.isoformat())
    _add(root, "cbc:InvoiceTypeCode", invoice.kind)
    _add(root, "cbc:DocumentCurrencyCode", currency)
    if invoice.order_number is not None:
        _add(_add(root, "cac:OrderReference"), "cbc:ID", invoice.order_number)
    _party(_add(root, "cac:AccountingSupplierParty"), invoice.seller)
    _party(_add(root, "cac:AccountingCustomerParty"), invoice.buyer)
    for part in invoice.adjustments:
        _adjustment(root, part, currency)
    _tax_total(root, invoice.totals.tax, invoice.taxes, currency)
    _totals(_add(root, "cac:LegalMonetaryTotal"), invoice.totals, currency)
    for line in invoice.lines:
        _line(_add(root, "cac:InvoiceLine"), line, currency, "cbc:InvoicedQuantity")
    return _bytes(root)


def write_order(order: Order) -> bytes:
    """The order as a UTF-8 document."""
    root = _root("Order", ORDER_NAMESPACE)
    _add(root, "cbc:ID", order.number)
    _add(root, "cbc:IssueDate", order.issued_on.isoformat())
    _add(root, "cbc:DocumentCurrencyCode", order.currency)
    _party(_add(root, "cac:BuyerCustomerParty"), order.buyer)
    _party(_add(root, "cac:SellerSupplierParty"), order.seller)
    for part in order.adjustments:
        _adjustment(root, part, order.currency)
    _tax_total(root, order.totals.tax, (), order.currency)
    _totals(_add(root, "cac:AnticipatedMonetaryTotal"), order.totals, order.currency)
    for line in order.lines:
        _line(_add(root, "cac:OrderLine/cac:LineItem"), line, order.currency, "cbc:Quantity")
    return _bytes(root)


def _root(name: str, namespace: str) -> etree._Element:
    prefixes: dict[str | None, str] = {None: namespace}
    prefixes.update(NAMESPACES)
    return etree.Element(f"{{{namespace}}}{name}", nsmap=prefixes)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, path: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Add the elements of the path, one inside the other, and give the last its text."""
    for part in path.split("/"):
        prefix, _, local = part.partition(":")
        parent = etree.SubElement(parent, f"{{{NAMESPACES[prefix]}}}{local}")
    parent.text = text
    for name, value in attributes.items():
        parent.set(name, value)
    return parent


def _amount(parent: etree._Element, name: str, value: Decimal, currency: str) -> None:
    _add(parent, name, str(value), currencyID=currency)


def _party(role: etree._Element, party: Party) -> None:
    element = _add(role, "cac:Party")
    if party.tax_id is not None:
        scheme = _add(element, "cac:PartyTaxScheme")
        _add(scheme, "cbc:CompanyID", party.tax_id)
        _add(scheme, "cac:TaxScheme/cbc:ID", "VAT")
    legal = _add(element, "cac:PartyLegalEntity")
    _add(legal, "cbc:RegistrationName", party.name)
    if party.registration is not None:
        _add(legal, "cbc:CompanyID", party.registration)


def _tax_category(parent: etree._Element, name: str, category: str | None, rate: Decimal | None) -> None:
    if category is None and rate is None:
        return
    tax = _add(parent, name)
    if category is not None:
        _add(tax, "cbc:ID", category)
    if rate is not None:
        _add(tax, "cbc:Percent", str(rate))
    _add(tax, "cac:TaxScheme/cbc:ID", "VAT")


def _adjustment(parent: etree._Element, part: Adjustment, currency: str) -> None:
    element = _add(parent, "cac:AllowanceCharge")
    _add(element, "cbc:ChargeIndicator", "true" if part.amount >= 0 else "false")
    _amount(element, "cbc:Amount", abs(part.amount), currency)
    _tax_category(element, "cac:TaxCategory", part.tax_category, part.tax_rate)


def _tax_total(root: etree._Element, tax: Decimal | None, parts: tuple[TaxPart, ...], currency: str) -> None:
    if tax is None:
        return
    total = _add(root, "cac:TaxTotal")
    _amount(total, "cbc:TaxAmount", tax, currency)
    for part in parts:
        element = _add(total, "cac:TaxSubtotal")
        _amount(element, "cbc:TaxableAmount", part.taxable, currency)
        _amount(element, "cbc:TaxAmount", part.amount, currency)
        _tax_category(element, "cac:TaxCategory", part.category, part.rate)


def _totals(element: etree._Element, totals: Totals, currency: str) -> None:
    stated = (
        ("cbc:LineExtensionAmount", totals.lines),
        ("cbc:TaxExclusiveAmount", totals.taxable),
        ("cbc:TaxInclusiveAmount", totals.inclusive),
        ("cbc:AllowanceTotalAmount", totals.allowances or None),
        ("cbc:ChargeTotalAmount", totals.charges or None),
        ("cbc:PrepaidAmount", totals.prepaid or None),
        ("cbc:PayableRoundingAmount", totals.rounding or None),
        ("cbc:PayableAmount", totals.payable),
    )
    for name, value in stated:
        if value is not None:
            _amount(element, name, value, currency)


def _line(element: etree._Element, line: Line, currency: str, quantity: str) -> None:
    _add(element, "cbc:ID", line.id)
    _add(element, quantity, str(line.quantity), unitCode=line.unit)
    _amount(element, "cbc:LineExtensionAmount", line.net, currency)
    if line.order_line is not None:
        _add(element, "cac:OrderLineReference/cbc:LineID", line.order_line)
    if line.adjustments:
        _adjustment(element, Adjustment(line.adjustments, None, None), currency)
    if quantity == "cbc:Quantity":  # in an order the price stands before the item, in an invoice after it
        _price(element, line, currency)
    item = _add(element, "cac:Item")
    _add(item, "cbc:Name", line.item)
    if line.item_id is not None:
        _add(item, "cac:SellersItemIdentification/cbc:ID", line.item_id)
    _tax_category(item, "cac:ClassifiedTaxCategory", line.tax_category, line.tax_rate)
    if quantity != "cbc:Quantity":
        _price(element, line, currency)


def _price(element: etree._Element, line: Line, currency: str) -> None:
    if line.unit_price is None:
        return
    price = _add(element, "cac:Price")
    _amount(price, "cbc:PriceAmount", line.unit_price, currency)
    _add(price, "cbc:BaseQuantity", str(line.price_per), unitCode=line.unit)
