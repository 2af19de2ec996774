"""Does an invoice add up? The calculation rules of EN 16931-1 (BR-CO-10 to BR-CO-17, BR-S-08 and its kin), exactly.

What a profile does not state is not checked: the minimum profile has no lines. Rounding is half up to two decimals,
and only where the standard rounds: in a line's net and a part's tax.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from examples.invoices.model import Invoice, Line
from examples.strict_xml import Place

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sum that does not come out: the rule, what it demands, what stands there, and where."""

    rule: str
    expected: Decimal
    found: Decimal
    place: Place


def check(invoice: Invoice) -> tuple[Finding, ...]:
    """Every finding, in the order lines, parts, totals."""
    return (*_lines(invoice), *_taxes(invoice), *_totals(invoice))


def line_net(line: Line) -> Decimal | None:
    """What the line must come to; None where the price is not stated."""
    if line.unit_price is None:
        return None
    return rounded(line.quantity * line.unit_price / line.price_per) + line.adjustments


def rounded(value: Decimal) -> Decimal:
    """Half up to two decimals."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def _lines(invoice: Invoice) -> Iterator[Finding]:
    for line in invoice.lines:
        expected = line_net(line)
        if expected is not None and expected != line.net:
            yield Finding("line net", expected, line.net, line.place)


def _taxes(invoice: Invoice) -> Iterator[Finding]:
    stated: set[tuple[str | None, Decimal | None]] = set()
    for part in invoice.taxes:
        tax = rounded(part.taxable * (part.rate or _ZERO) / 100)
        if tax != part.amount:
            yield Finding("BR-CO-17", tax, part.amount, part.place)
        stated.add((part.category, part.rate))
        basis = _basis(invoice, part.category, part.rate)
        if basis is not None and basis != part.taxable:
            yield Finding("taxable of category", basis, part.taxable, part.place)
    for line in invoice.lines:  # a line whose tax stands in no part would go untaxed
        if line.tax_rate is not None and (line.tax_category, line.tax_rate) not in stated:
            yield Finding("taxable of category", line.net, _ZERO, line.place)


def _basis(invoice: Invoice, category: str | None, rate: Decimal | None) -> Decimal | None:
    if not invoice.lines or any(line.tax_rate is None for line in invoice.lines):
        return None
    lines = sum((line.net for line in invoice.lines if (line.tax_category, line.tax_rate) == (category, rate)), _ZERO)
    return lines + sum(
        (part.amount for part in invoice.adjustments if (part.tax_category, part.tax_rate) == (category, rate)), _ZERO
    )


def _totals(invoice: Invoice) -> Iterator[Finding]:
    totals = invoice.totals
    charges = sum((part.amount for part in invoice.adjustments if part.amount > 0), _ZERO)
    allowances = -sum((part.amount for part in invoice.adjustments if part.amount < 0), _ZERO)
    rules: list[tuple[str, Decimal | None, Decimal | None]] = []
    if invoice.lines:
        rules.append(("BR-CO-10", sum((line.net for line in invoice.lines), _ZERO), totals.lines))
        rules.append(("BR-CO-11", allowances, totals.allowances))
        rules.append(("BR-CO-12", charges, totals.charges))
    if totals.lines is not None:
        rules.append(("BR-CO-13", totals.lines - totals.allowances + totals.charges, totals.taxable))
    if invoice.lines or invoice.taxes:
        rules.append(("BR-CO-14", sum((part.amount for part in invoice.taxes), _ZERO), totals.tax))
    if totals.taxable is not None:
        rules.append(("BR-CO-15", totals.taxable + (totals.tax or _ZERO), totals.inclusive))
    if totals.inclusive is not None and totals.payable is not None:
        rules.append(("BR-CO-16", totals.inclusive - totals.prepaid + totals.rounding, totals.payable))
    if totals.prepaid < 0:  # would raise what is paid without any line that says for what
        rules.append(("prepaid", _ZERO, totals.prepaid))
    if abs(totals.rounding) >= 1:  # rounding is to a whole unit at most
        rules.append(("rounding", _ZERO, totals.rounding))
    for rule, expected, found in rules:
        if expected is not None and found != expected:
            yield Finding(rule, expected, _ZERO if found is None else found, totals.place)
