"""UN/CEFACT cross-industry documents: Factur-X and ZUGFeRD 2 (CII D16B), ZUGFeRD 1.0, Order-X (SCRDM CIO).

The three share their words and differ in a few names; `_Dialect` holds the differences, so one reader serves them.
"""

from dataclasses import dataclass
from decimal import Decimal

from examples.invoices.fields import Reader, amount, broken, cii_date, currency_code, decimal, flag
from examples.invoices.model import Adjustment, Invoice, Line, Order, Party, TaxPart, Totals
from examples.strict_xml import Element

CII_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
ORDER_X_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:SCRDMCCBDACIOMessageStructure:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:128",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:128",
}
ZUGFERD_1_NAMESPACES = {
    "rsm": "urn:ferd:CrossIndustryDocument:invoice:1p0",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15",
}


@dataclass(frozen=True, slots=True)
class _Dialect:
    """Names that differ between the syntaxes; the rest is the same."""

    syntax: str
    x: Reader
    context: str = "rsm:ExchangedDocumentContext"
    document: str = "rsm:ExchangedDocument"
    transaction: str = "rsm:SupplyChainTradeTransaction"
    agreement: str = "ram:ApplicableHeaderTradeAgreement"
    settlement: str = "ram:ApplicableHeaderTradeSettlement"
    summation: str = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    line_agreement: str = "ram:SpecifiedLineTradeAgreement"
    line_delivery: str = "ram:SpecifiedLineTradeDelivery"
    line_settlement: str = "ram:SpecifiedLineTradeSettlement"
    line_summation: str = "ram:SpecifiedTradeSettlementLineMonetarySummation"
    quantity: str = "ram:BilledQuantity"
    currency: str = "ram:InvoiceCurrencyCode"
    percent: str = "ram:RateApplicablePercent"


CII = f"{CII_NAMESPACES['rsm']} CrossIndustryInvoice"
ORDER_X = f"{ORDER_X_NAMESPACES['rsm']} SCRDMCCBDACIOMessageStructure"
ZUGFERD_1 = f"{ZUGFERD_1_NAMESPACES['rsm']} CrossIndustryDocument"

_CII = _Dialect("CII", Reader(CII_NAMESPACES))
_ORDER_X = _Dialect(
    "Order-X", Reader(ORDER_X_NAMESPACES), quantity="ram:RequestedQuantity", currency="ram:OrderCurrencyCode"
)
_ZUGFERD_1 = _Dialect(
    "ZUGFeRD 1.0",
    Reader(ZUGFERD_1_NAMESPACES),
    context="rsm:SpecifiedExchangedDocumentContext",
    document="rsm:HeaderExchangedDocument",
    transaction="rsm:SpecifiedSupplyChainTradeTransaction",
    agreement="ram:ApplicableSupplyChainTradeAgreement",
    settlement="ram:ApplicableSupplyChainTradeSettlement",
    summation="ram:SpecifiedTradeSettlementMonetarySummation",
    line_agreement="ram:SpecifiedSupplyChainTradeAgreement",
    line_delivery="ram:SpecifiedSupplyChainTradeDelivery",
    line_settlement="ram:SpecifiedSupplyChainTradeSettlement",
    line_summation="ram:SpecifiedTradeSettlementMonetarySummation",
    percent="ram:ApplicablePercent",
)
_ZERO = Decimal(0)
_BY_ORDER = "ram:BuyerOrderReferencedDocument"


def read_invoice(root: Element) -> Invoice:
    """The invoice of a CII or ZUGFeRD 1.0 document; `BrokenInput` with the place of what is wrong."""
    dialect = {CII: _CII, ZUGFERD_1: _ZUGFERD_1}.get(root.name)
    if dialect is None:
        raise broken(root, f"expected a cross-industry invoice, found `{root.local}`")
    x = dialect.x
    document, deal = x.one(root, dialect.document), x.one(root, dialect.transaction)
    agreement, settlement = x.one(deal, dialect.agreement), x.one(deal, dialect.settlement)
    currency = currency_code(x.one(settlement, dialect.currency))
    indicator = x.maybe(root, dialect.context, "ram:TestIndicator", "udt:Indicator")
    return Invoice(
        number=x.text(document, "ram:ID"),
        kind=x.text(document, "ram:TypeCode"),
        issued_on=cii_date(x.one(document, "ram:IssueDateTime", "udt:DateTimeString")),
        currency=currency,
        seller=_party(x, x.one(agreement, "ram:SellerTradeParty")),
        buyer=_party(x, x.one(agreement, "ram:BuyerTradeParty")),
        order_number=x.maybe_text(agreement, _BY_ORDER, "ram:IssuerAssignedID"),
        lines=_lines(dialect, deal, currency),
        adjustments=_adjustments(dialect, settlement, currency),
        taxes=_tax_parts(dialect, settlement, currency),
        totals=_totals(dialect, settlement, currency),
        test=indicator is not None and flag(indicator),
        syntax=dialect.syntax,
        place=root.place,
    )


def read_order(root: Element) -> Order:
    """The order of an Order-X document."""
    if root.name != ORDER_X:
        raise broken(root, f"expected an Order-X order, found `{root.local}`")
    dialect, x = _ORDER_X, _ORDER_X.x
    document, deal = x.one(root, dialect.document), x.one(root, dialect.transaction)
    agreement, settlement = x.one(deal, dialect.agreement), x.one(deal, dialect.settlement)
    currency = currency_code(x.one(settlement, dialect.currency))
    lines = _lines(dialect, deal, currency)
    if not lines:
        raise broken(deal, "expected at least one line, found none")
    return Order(
        number=x.text(document, "ram:ID"),
        issued_on=cii_date(x.one(document, "ram:IssueDateTime", "udt:DateTimeString")),
        currency=currency,
        seller=_party(x, x.one(agreement, "ram:SellerTradeParty")),
        buyer=_party(x, x.one(agreement, "ram:BuyerTradeParty")),
        lines=lines,
        adjustments=_adjustments(dialect, settlement, currency),
        totals=_totals(dialect, settlement, currency),
        syntax=dialect.syntax,
        place=root.place,
    )


def _party(x: Reader, party: Element) -> Party:
    registrations = x.many(party, "ram:SpecifiedTaxRegistration", "ram:ID")
    tax_ids = [element.text for element in registrations if element.attributes.get("schemeID") == "VA"]
    if len(tax_ids) > 1:
        raise broken(party, f"expected one VAT number, found {len(tax_ids)}")
    return Party(
        x.text(party, "ram:Name"),
        x.maybe_text(party, "ram:SpecifiedLegalOrganization", "ram:ID"),
        tax_ids[0] if tax_ids else None,
    )


def _lines(dialect: _Dialect, deal: Element, currency: str) -> tuple[Line, ...]:
    items = dialect.x.many(deal, "ram:IncludedSupplyChainTradeLineItem")
    return tuple(_line(dialect, item, position, currency) for position, item in enumerate(items, 1))


def _line(dialect: _Dialect, line: Element, position: int, currency: str) -> Line:
    x = dialect.x
    product = x.one(line, "ram:SpecifiedTradeProduct")
    agreement = x.maybe(line, dialect.line_agreement)
    settlement = x.one(line, dialect.line_settlement)
    quantity = x.one(line, dialect.line_delivery, dialect.quantity)
    tax = x.maybe(settlement, "ram:ApplicableTradeTax")
    price = x.maybe(agreement, "ram:NetPriceProductTradePrice")
    per = x.maybe_decimal(price, "ram:BasisQuantity")
    if per is not None and per <= 0:
        raise broken(line, f"expected a base quantity above zero, found `{per}`")
    number = x.maybe_text(line, "ram:AssociatedDocumentLineDocument", "ram:LineID")
    if number is None and dialect is not _ZUGFERD_1:
        raise broken(line, "expected `ram:LineID`, found none")
    return Line(
        id=number or str(position),  # ZUGFeRD 1.0 BASIC numbers no lines
        item=x.text(product, "ram:Name"),
        item_id=x.maybe_text(product, "ram:SellerAssignedID"),
        quantity=decimal(quantity),
        unit=quantity.attributes.get("unitCode", ""),
        unit_price=x.amount(currency, price, "ram:ChargeAmount") if price else None,
        price_per=Decimal(1) if per is None else per,
        tax_category=x.maybe_text(tax, "ram:CategoryCode"),
        tax_rate=x.maybe_decimal(tax, dialect.percent),
        adjustments=sum((part.amount for part in _adjustments(dialect, settlement, currency)), _ZERO),
        net=x.amount(currency, settlement, dialect.line_summation, "ram:LineTotalAmount"),
        # An order's own lines carry other references under the same name; only an invoice refers to order lines.
        order_line=None if dialect is _ORDER_X else x.maybe_text(agreement, _BY_ORDER, "ram:LineID"),
        place=line.place,
    )


def _adjustments(dialect: _Dialect, settlement: Element, currency: str) -> tuple[Adjustment, ...]:
    x = dialect.x
    found = []
    for part in x.many(settlement, "ram:SpecifiedTradeAllowanceCharge"):
        charge = flag(x.one(part, "ram:ChargeIndicator", "udt:Indicator"))
        value = x.amount(currency, part, "ram:ActualAmount")
        tax = x.maybe(part, "ram:CategoryTradeTax")
        found.append(
            Adjustment(
                value if charge else -value,
                x.maybe_text(tax, "ram:CategoryCode"),
                x.maybe_decimal(tax, dialect.percent),
            )
        )
    return tuple(found)


def _tax_parts(dialect: _Dialect, settlement: Element, currency: str) -> tuple[TaxPart, ...]:
    x = dialect.x
    return tuple(
        TaxPart(
            x.maybe_text(part, "ram:CategoryCode"),
            x.maybe_decimal(part, dialect.percent),
            x.amount(currency, part, "ram:BasisAmount"),
            x.amount(currency, part, "ram:CalculatedAmount"),
            part.place,
        )
        for part in x.many(settlement, "ram:ApplicableTradeTax")
    )


def _totals(dialect: _Dialect, settlement: Element, currency: str) -> Totals:
    x = dialect.x
    totals = x.one(settlement, dialect.summation)
    # A second tax total may stand in the accounting currency [BT-111]; ours is the one in the document's currency.
    taxes = [
        tax for tax in x.many(totals, "ram:TaxTotalAmount") if tax.attributes.get("currencyID", currency) == currency
    ]
    if len(taxes) > 1:
        raise broken(taxes[1], f"expected one `ram:TaxTotalAmount` in `{currency}`, found {len(taxes)}")
    return Totals(
        lines=x.maybe_amount(currency, totals, "ram:LineTotalAmount"),
        allowances=x.maybe_amount(currency, totals, "ram:AllowanceTotalAmount") or _ZERO,
        charges=x.maybe_amount(currency, totals, "ram:ChargeTotalAmount") or _ZERO,
        taxable=x.amount(currency, totals, "ram:TaxBasisTotalAmount"),
        tax=amount(taxes[0], currency) if taxes else None,
        inclusive=x.amount(currency, totals, "ram:GrandTotalAmount"),
        prepaid=x.maybe_amount(currency, totals, "ram:TotalPrepaidAmount") or _ZERO,
        rounding=x.maybe_amount(currency, totals, "ram:RoundingAmount") or _ZERO,
        payable=x.maybe_amount(currency, totals, "ram:DuePayableAmount"),
        place=totals.place,
    )
