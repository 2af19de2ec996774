"""Writes invoices as CII D16B (Factur-X, profile BASIC), in the element order of its schema; `cii` reads them back."""

from decimal import Decimal

from lxml import etree

from examples.invoices.cii import CII_NAMESPACES
from examples.invoices.model import Adjustment, Invoice, Line, Party, Totals

GUIDELINE = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"


def write_invoice(invoice: Invoice) -> bytes:
    """The invoice as a UTF-8 document."""
    root = etree.Element(f"{{{CII_NAMESPACES['rsm']}}}CrossIndustryInvoice", nsmap=dict(CII_NAMESPACES))
    context = _add(root, "rsm:ExchangedDocumentContext")
    if invoice.test:
        _add(context, "ram:TestIndicator/udt:Indicator", "true")
    _add(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", GUIDELINE)
    document = _add(root, "rsm:ExchangedDocument")
    _add(document, "ram:ID", invoice.number)
    _add(document, "ram:TypeCode", invoice.kind)
    _add(document, "ram:IssueDateTime/udt:DateTimeString", invoice.issued_on.strftime("%Y%m%d"), format="102")
    deal = _add(root, "rsm:SupplyChainTradeTransaction")
    for line in invoice.lines:
        _line(_add(deal, "ram:IncludedSupplyChainTradeLineItem"), line)
    agreement = _add(deal, "ram:ApplicableHeaderTradeAgreement")
    _party(_add(agreement, "ram:SellerTradeParty"), invoice.seller)
    _party(_add(agreement, "ram:BuyerTradeParty"), invoice.buyer)
    if invoice.order_number is not None:
        _add(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", invoice.order_number)
    _add(deal, "ram:ApplicableHeaderTradeDelivery")
    _settlement(_add(deal, "ram:ApplicableHeaderTradeSettlement"), invoice)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, path: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Add the elements of the path, one inside the other, and give the last its text."""
    for part in path.split("/"):
        prefix, _, local = part.partition(":")
        parent = etree.SubElement(parent, f"{{{CII_NAMESPACES[prefix]}}}{local}")
    parent.text = text
    for name, value in attributes.items():
        parent.set(name, value)
    return parent


def _party(element: etree._Element, party: Party) -> None:
    _add(element, "ram:Name", party.name)
    if party.registration is not None:
        _add(element, "ram:SpecifiedLegalOrganization/ram:ID", party.registration)
    if party.tax_id is not None:
        _add(element, "ram:SpecifiedTaxRegistration/ram:ID", party.tax_id, schemeID="VA")


def _line(element: etree._Element, line: Line) -> None:
    _add(element, "ram:AssociatedDocumentLineDocument/ram:LineID", line.id)
    product = _add(element, "ram:SpecifiedTradeProduct")
    if line.item_id is not None:
        _add(product, "ram:SellerAssignedID", line.item_id)
    _add(product, "ram:Name", line.item)
    agreement = _add(element, "ram:SpecifiedLineTradeAgreement")
    if line.order_line is not None:
        _add(agreement, "ram:BuyerOrderReferencedDocument/ram:LineID", line.order_line)
    if line.unit_price is not None:
        price = _add(agreement, "ram:NetPriceProductTradePrice")
        _add(price, "ram:ChargeAmount", str(line.unit_price))
        _add(price, "ram:BasisQuantity", str(line.price_per), unitCode=line.unit)
    _add(element, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", str(line.quantity), unitCode=line.unit)
    settlement = _add(element, "ram:SpecifiedLineTradeSettlement")
    _tax(settlement, "ram:ApplicableTradeTax", line.tax_category, line.tax_rate)
    if line.adjustments:
        _adjustment(settlement, Adjustment(line.adjustments, None, None))
    summation = _add(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _add(summation, "ram:LineTotalAmount", str(line.net))


def _tax(parent: etree._Element, name: str, category: str | None, rate: Decimal | None) -> None:
    if category is None and rate is None:
        return
    tax = _add(parent, name)
    _add(tax, "ram:TypeCode", "VAT")
    if category is not None:
        _add(tax, "ram:CategoryCode", category)
    if rate is not None:
        _add(tax, "ram:RateApplicablePercent", str(rate))


def _adjustment(parent: etree._Element, part: Adjustment) -> None:
    element = _add(parent, "ram:SpecifiedTradeAllowanceCharge")
    _add(element, "ram:ChargeIndicator/udt:Indicator", "true" if part.amount >= 0 else "false")
    _add(element, "ram:ActualAmount", str(abs(part.amount)))
    _tax(element, "ram:CategoryTradeTax", part.tax_category, part.tax_rate)


def _settlement(settlement: etree._Element, invoice: Invoice) -> None:
    _add(settlement, "ram:InvoiceCurrencyCode", invoice.currency)
    for part in invoice.taxes:
        tax = _add(settlement, "ram:ApplicableTradeTax")
        _add(tax, "ram:CalculatedAmount", str(part.amount))
        _add(tax, "ram:TypeCode", "VAT")
        _add(tax, "ram:BasisAmount", str(part.taxable))
        if part.category is not None:
            _add(tax, "ram:CategoryCode", part.category)
        if part.rate is not None:
            _add(tax, "ram:RateApplicablePercent", str(part.rate))
    for adjustment in invoice.adjustments:
        _adjustment(settlement, adjustment)
    _totals(_add(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), invoice.totals, invoice.currency)


def _totals(element: etree._Element, totals: Totals, currency: str) -> None:
    stated = (
        ("ram:LineTotalAmount", totals.lines),
        ("ram:ChargeTotalAmount", totals.charges or None),
        ("ram:AllowanceTotalAmount", totals.allowances or None),
        ("ram:TaxBasisTotalAmount", totals.taxable),
        ("ram:TaxTotalAmount", totals.tax),
        ("ram:RoundingAmount", totals.rounding or None),
        ("ram:GrandTotalAmount", totals.inclusive),
        ("ram:TotalPrepaidAmount", totals.prepaid or None),
        ("ram:DuePayableAmount", totals.payable),
    )
    for name, value in stated:
        if value is not None:
            attributes = {"currencyID": currency} if name == "ram:TaxTotalAmount" else {}
            _add(element, name, str(value), **attributes)
