"""Invoices and orders: published files read right, ours read back, every single change found, junk refused."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from examples.invoices import write_cii, write_ubl
from examples.invoices.arithmetic import check
from examples.invoices.generate import CHANGES, Change, MatchingSet, changed, matching_set
from examples.invoices.intake import take_in
from examples.invoices.match import match
from examples.invoices.model import Adjustment, Invoice, Order
from examples.invoices.read import read_invoice, read_order
from ledger.errors import BrokenInput, MunimentError
from tests.examples.cases import case_file

seeds = st.integers(0, 999_999)

# number, issued, currency, order number, lines, inclusive, payable, test
PUBLISHED = {
    "factur-x-basic.xml": ("F20260023", date(2026, 1, 31), "EUR", "PO201925478", 3, "104.90", "104.90", False),
    "factur-x-minimum.xml": ("F20260023", date(2026, 1, 31), "EUR", "PO201925478", 0, "104.90", "104.90", False),
    "ubl-21-en16931.xml": ("F124212", date(2026, 6, 17), "EUR", "PO1242", 2, "308.03", "208.03", False),
    "zugferd-basic.xml": ("471102", date(2013, 3, 5), "EUR", None, 1, "235.62", None, True),
}


def published_invoice(name: str) -> Invoice:
    return read_invoice(case_file(f"invoices/{name}").read_bytes())


def decimals(*numbers: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(number) for number in numbers)


def published_order() -> Order:
    return read_order(case_file("invoices/order-x-basic.xml").read_bytes())


@pytest.mark.cases
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_invoice_is_read_and_adds_up(name: str) -> None:
    invoice = published_invoice(name)
    number, issued_on, currency, order_number, lines, inclusive, payable, test = PUBLISHED[name]
    assert (invoice.number, invoice.issued_on, invoice.currency) == (number, issued_on, currency)
    assert (invoice.order_number, len(invoice.lines), invoice.test) == (order_number, lines, test)
    assert invoice.totals.inclusive == Decimal(inclusive)
    assert invoice.totals.payable == (None if payable is None else Decimal(payable))
    assert check(invoice) == ()


@pytest.mark.cases
def test_published_lines_are_read_whole() -> None:
    oil, nougat = published_invoice("ubl-21-en16931.xml").lines
    assert (oil.quantity, oil.unit_price, oil.tax_rate, oil.net) == (
        Decimal(10),
        Decimal("13.50"),
        Decimal("5.50"),
        Decimal(135),
    )
    assert (nougat.item_id, nougat.order_line, nougat.unit) == ("NOUGATCUBES", "DV843873", "C62")
    paper = published_invoice("factur-x-basic.xml").lines[1]
    assert (paper.unit_price, paper.price_per, paper.adjustments, paper.net) == decimals(30, 3, -2, 28)


@pytest.mark.cases
def test_published_order_is_read() -> None:
    order = published_order()
    assert (order.number, order.issued_on, order.currency) == ("PO123456789", date(2020, 3, 31), "EUR")
    assert [(line.quantity, line.unit_price, line.price_per, line.net) for line in order.lines] == [
        decimals(6, 10, 1, 60),
        decimals(10, 20, 2, 100),
        decimals(6, 25, 1, 150),
    ]
    assert order.totals.inclusive == 360


@pytest.mark.cases
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_invoices_do_not_match_the_published_order(name: str) -> None:
    invoice, order = published_invoice(name), published_order()
    receipt = replace(matching_set(1).receipt, order_number=order.number, lines=())
    verdict = match(order, receipt, invoice)
    assert not verdict.agrees
    assert {"order number", "seller", "line"} <= {mismatch.field for mismatch in verdict.mismatches}


@pytest.mark.cases
@pytest.mark.parametrize("name", [*PUBLISHED, "order-x-basic.xml"])
def test_lxml_finds_the_same_texts_at_the_same_lines(name: str) -> None:
    """Another parser as oracle for numbers, quantities and lines of source."""
    path = case_file(f"invoices/{name}")
    value = published_order() if name.startswith("order") else published_invoice(name)
    tree = etree.fromstring(path.read_bytes())
    names = "InvoiceLine|IncludedSupplyChainTradeLineItem"
    lines = [node for node in tree.iter("*") if re.fullmatch(names, etree.QName(node).localname)]
    assert [line.place.line for line in value.lines] == [node.sourceline for node in lines]
    quantities = [
        Decimal(node.text or "")
        for node in tree.iter("*")
        if etree.QName(node).localname in {"InvoicedQuantity", "BilledQuantity", "RequestedQuantity"}
    ]
    assert [line.quantity for line in value.lines] == quantities


@pytest.mark.cases
@pytest.mark.parametrize("name", ["factur-x-basic.xml", "ubl-21-en16931.xml"])
def test_published_invoices_read_back_from_our_writers(name: str) -> None:
    invoice = published_invoice(name)
    assert read_invoice(write_ubl.write_invoice(invoice)) == invoice
    assert read_invoice(write_cii.write_invoice(invoice)) == invoice


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_generated_documents_read_back_to_the_same_values(seed: int) -> None:
    made = matching_set(seed)
    assert read_invoice(write_ubl.write_invoice(made.invoice)) == made.invoice
    assert read_invoice(write_cii.write_invoice(made.invoice)) == made.invoice
    assert read_order(write_ubl.write_order(made.order)) == made.order


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=40)


@given(seeds, texts, texts, st.decimals(-999, 999, places=2), st.none() | texts)
@settings(max_examples=60, deadline=None)
def test_any_text_and_adjustment_reads_back(
    seed: int, name: str, number: str, amount: Decimal, registration: str | None
) -> None:
    invoice = matching_set(seed).invoice
    invoice = replace(
        invoice,
        number=number,
        seller=replace(invoice.seller, name=name, registration=registration),
        adjustments=(Adjustment(amount, "S", Decimal("20.00")),),
        lines=(replace(invoice.lines[0], item=name, adjustments=amount), *invoice.lines[1:]),
    )
    assert read_invoice(write_ubl.write_invoice(invoice)) == invoice
    assert read_invoice(write_cii.write_invoice(invoice)) == invoice


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_generated_sets_agree_and_add_up(seed: int) -> None:
    made = matching_set(seed)
    assert made == matching_set(seed)
    assert check(made.invoice) == ()
    verdict = match(made.order, made.receipt, made.invoice, made.known)
    assert verdict.agrees
    assert verdict.mismatches == ()


@given(seeds, st.sampled_from(CHANGES))
@settings(max_examples=120, deadline=None)
def test_one_changed_field_is_the_one_mismatch(seed: int, change: Change) -> None:
    made = changed(matching_set(seed), change)
    assert check(made.invoice) == ()  # the change is no arithmetic error: only the comparison finds it
    verdict = match(made.order, made.receipt, made.invoice, made.known)
    assert not verdict.agrees
    assert [mismatch.field for mismatch in verdict.mismatches] == [change]


def _shifted(made: MatchingSet, field: str) -> Invoice:
    invoice = made.invoice
    totals = invoice.totals
    value = getattr(totals, field)
    return replace(invoice, totals=replace(totals, **{field: value + Decimal("0.01")}))


@pytest.mark.parametrize(
    "field", ["lines", "allowances", "charges", "taxable", "tax", "inclusive", "prepaid", "payable"]
)
def test_every_total_off_by_a_cent_is_found(field: str) -> None:
    made = matching_set(3)
    invoice = _shifted(made, field)
    assert check(invoice)
    assert "total" in {mismatch.field for mismatch in match(made.order, made.receipt, invoice).mismatches}


@pytest.mark.parametrize("field", ["net", "tax_rate", "adjustments"])
def test_every_line_figure_off_is_found(field: str) -> None:
    invoice = matching_set(3).invoice
    first = invoice.lines[0]
    line = replace(first, **{field: getattr(first, field) + Decimal("0.01")})
    assert check(replace(invoice, lines=(line, *invoice.lines[1:])))


def test_totals_that_balance_but_pay_for_nothing_are_found() -> None:
    invoice = matching_set(3).invoice
    raised = replace(invoice.totals, payable=(invoice.totals.payable or Decimal(0)) + 500)
    for totals in (replace(raised, prepaid=Decimal(-500)), replace(raised, rounding=Decimal(500))):
        assert check(replace(invoice, totals=totals))


def test_a_quantity_split_over_two_lines_is_added_up() -> None:
    made = matching_set(5, lines=1)
    line = made.invoice.lines[0]
    doubled = replace(made.invoice, lines=(line, replace(line, id="2")))
    fields = {mismatch.field for mismatch in match(made.order, made.receipt, doubled).mismatches}
    assert "quantity" in fields


def test_goods_that_never_arrived_are_not_paid() -> None:
    made = matching_set(6, lines=2)
    receipt = replace(made.receipt, lines=made.receipt.lines[:1])
    (mismatch,) = match(made.order, receipt, made.invoice).mismatches
    assert (mismatch.field, mismatch.expected[:2]) == ("quantity", "0 ")


def test_credit_notes_and_tests_do_not_match() -> None:
    made = matching_set(7)
    for invoice in (replace(made.invoice, kind="381"), replace(made.invoice, test=True)):
        (mismatch,) = match(made.order, made.receipt, invoice).mismatches
        assert mismatch.field == "document"


def ubl(seed: int = 8) -> str:
    return write_ubl.write_invoice(matching_set(seed).invoice).decode()


@pytest.mark.parametrize(
    ("pattern", "by", "message", "path"),
    [
        (r"<cbc:IssueDate>[^<]*", "<cbc:IssueDate>2026-02-30", "a date", "/Invoice/IssueDate"),
        (r"<cbc:IssueDate>.*</cbc:IssueDate>", "", "`cbc:IssueDate`, found none", "/Invoice"),
        (r"(<cbc:DocumentCurrencyCode>)GBP", r"\1gbp", "currency code", "/Invoice/DocumentCurrencyCode"),
        (r"(<cbc:InvoicedQuantity[^>]*>)[^<]*", r"\g<1>1e9", "decimal", "/Invoice/InvoiceLine/InvoicedQuantity"),
        (r"(<cbc:InvoicedQuantity[^>]*>)[^<]*", r"\1NaN", "decimal", "/Invoice/InvoiceLine/InvoicedQuantity"),
        (r"(<cbc:BaseQuantity[^>]*>)[^<]*", r"\g<1>0", "above zero", "/Invoice/InvoiceLine"),
        (r'(<cbc:PriceAmount currencyID=)"GBP"', r'\1"USD"', "in `GBP`", "/Invoice/InvoiceLine/Price/PriceAmount"),
        (r"(<cbc:ID>INV-.*</cbc:ID>)", r"\1\1", "one `cbc:ID`, found 2", "/Invoice/ID[2]"),
        (r"(<cbc:ID>)INV-[^<]*", r"\1", "text, found none", "/Invoice/ID"),
        (r"(<cbc:ID>)INV-[^<]*", r"\1<x/>", "text, found `x`", "/Invoice/ID"),
        (r"(<cbc:ID>)INV-[^<]*", r"\1" + "x" * 1001, "1000 characters", "/Invoice/ID"),
        (r"xmlns=\"[^\"]*Invoice-2\"", 'xmlns="urn:other"', "expected an invoice", "/Invoice"),
    ],
)
def test_malformed_invoices_are_refused_with_line_and_path(pattern: str, by: str, message: str, path: str) -> None:
    source = ubl()
    broken, count = re.subn(pattern, by, source, count=1)
    assert count == 1
    with pytest.raises(BrokenInput, match=message) as caught:
        read_invoice(broken.encode())
    line, _, where = caught.value.location.partition(", ")
    assert where == path
    assert re.fullmatch(r"line [1-9]\d*", line)


@given(seeds, st.data())
@settings(max_examples=80, deadline=None)
def test_a_damaged_document_is_refused_or_read_never_a_crash(seed: int, data: st.DataObject) -> None:
    source = bytearray(write_cii.write_invoice(matching_set(seed, lines=1).invoice))
    for _ in range(data.draw(st.integers(1, 4))):
        source[data.draw(st.integers(0, len(source) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert read_invoice(bytes(source)).number
    except MunimentError as error:
        assert isinstance(error, BrokenInput)  # noqa: PT017 - any other exception fails the test by itself


def test_an_order_is_no_invoice() -> None:
    with pytest.raises(BrokenInput, match="expected an invoice"):
        read_invoice(write_ubl.write_order(matching_set(1).order))
    with pytest.raises(BrokenInput, match="expected an order"):
        read_order(write_ubl.write_invoice(matching_set(1).invoice))


def test_intake_gives_plain_data_without_floats() -> None:
    made = changed(matching_set(11, lines=1), "quantity")
    data = take_in("DOC-1", write_cii.write_invoice(made.invoice), made.order, made.receipt)

    def walk(value: object) -> None:
        assert type(value) in {dict, list, str, bool, int}
        for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(member)

    walk(data)
    assert data["amount"] == {"amount": str(made.invoice.totals.inclusive), "currency": "GBP"}
    assert data["duplicate"] is False
    (line,) = data["mismatches"]
    assert line.startswith("quantity: expected ")
    assert "IncludedSupplyChainTradeLineItem" in line
    assert len(data["document_sha256"]) == 64
