"""What invoice intake hands to the process: the parsed invoice and the outcome of the match, as plain data.

Money is `{amount, currency}` with the amount as text, dates are ISO text; nothing is a float.
"""

import hashlib
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from examples.invoices.match import NOT_STATED, Match, Mismatch, match
from examples.invoices.model import Invoice, Line, Order, Receipt
from examples.invoices.read import read_invoice


def take_in(
    document_number: str, document: bytes, order: Order, receipt: Receipt, known: Collection[str] = ()
) -> dict[str, Any]:
    """The start data of one received document; `BrokenInput` when it cannot be read."""
    invoice = read_invoice(document)
    digest = hashlib.sha256(document).hexdigest()
    return start_data(document_number, digest, invoice, match(order, receipt, invoice, known))


def start_data(document_number: str, digest: str, invoice: Invoice, matched: Match) -> dict[str, Any]:
    """The data of an `invoice-approval` instance; its business key is our own number of the document."""
    return {
        "document_number": document_number,
        "document_sha256": digest,
        "invoice_number": invoice.number,
        "order_number": invoice.order_number or NOT_STATED,
        "issued_on": invoice.issued_on.isoformat(),
        "supplier": {"name": invoice.seller.name, "tax_number": invoice.seller.tax_id or ""},
        "amount": money(invoice.totals.inclusive or Decimal(0), invoice.currency),
        "payable": money(payable(invoice), invoice.currency),
        "lines": [_line(line, invoice.currency) for line in invoice.lines],
        "duplicate": any(mismatch.field == "duplicate" for mismatch in matched.mismatches),
        "mismatches": [words(mismatch) for mismatch in matched.mismatches],
    }


def payable(invoice: Invoice) -> Decimal:
    """What is to be paid; ZUGFeRD 1.0 need not state it, so there it is computed (EN 16931, BR-CO-16)."""
    totals = invoice.totals
    if totals.payable is not None:
        return totals.payable
    return (totals.inclusive or Decimal(0)) - totals.prepaid + totals.rounding


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """`{amount: "84000.00", currency: "GBP"}`."""
    return {"amount": f"{amount:f}", "currency": currency}


def words(mismatch: Mismatch) -> str:
    """One mismatch as a line a clerk can read."""
    where = f" ({mismatch.place})" if mismatch.place.line else ""
    return f"{mismatch.field}: expected {mismatch.expected}, found {mismatch.found}{where}"


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "line": line.id,
        "item": line.item,
        "quantity": f"{line.quantity:f}",
        "net": money(line.net, currency),
        "tax_rate": "" if line.tax_rate is None else f"{line.tax_rate:f}",
    }
