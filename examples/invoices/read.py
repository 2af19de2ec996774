"""The door of the readers: bytes in, a frozen invoice or order out, whatever the syntax."""

from examples.invoices import cii, ubl
from examples.invoices.fields import broken
from examples.invoices.model import Invoice, Order
from examples.strict_xml import read

_INVOICES = {
    ubl.INVOICE: ubl.read_invoice,
    cii.CII: cii.read_invoice,
    cii.ZUGFERD_1: cii.read_invoice,
}
_ORDERS = {ubl.ORDER: ubl.read_order, cii.ORDER_X: cii.read_order}


def read_invoice(data: bytes) -> Invoice:
    """A UBL 2.1, CII (Factur-X, ZUGFeRD 2) or ZUGFeRD 1.0 invoice; all else is `BrokenInput` with its place."""
    root = read(data)
    reader = _INVOICES.get(root.name)
    if reader is None:
        raise broken(root, f"expected an invoice (UBL 2.1 or CII), found `{root.local[:60]}`")
    return reader(root)


def read_order(data: bytes) -> Order:
    """A UBL 2.1 or Order-X order; all else is `BrokenInput` with its place."""
    root = read(data)
    reader = _ORDERS.get(root.name)
    if reader is None:
        raise broken(root, f"expected an order (UBL 2.1 or Order-X), found `{root.local[:60]}`")
    return reader(root)
