"""Typed reading of elements: exactly one, at most one, amounts, rates, dates; all else is a located `BrokenInput`."""

import re
from datetime import date
from decimal import Decimal

from examples.strict_xml import Element
from ledger.errors import BrokenInput

_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d{0,10})?|\.\d{1,10})")  # xs:decimal, bounded: no exponent, no infinity
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CII_DATE = {"102": re.compile(r"(\d{4})(\d{2})(\d{2})"), "203": re.compile(r"(\d{4})(\d{2})(\d{2})\d{4}")}
TEXT_CHARS_MAX = 1000  # of one identifier or name we keep


class Reader:
    """Reads children by short name (`ram:ID`), with the namespaces of one syntax."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._namespaces = namespaces

    def name(self, short: str) -> str:
        """The full name of `prefix:local`."""
        prefix, _, local = short.partition(":")
        return f"{self._namespaces[prefix]} {local}"

    def many(self, element: Element | None, *path: str) -> tuple[Element, ...]:
        """All elements at the path, in document order; none below None."""
        found: tuple[Element, ...] = (element,) if element else ()
        for short in path:
            wanted = self.name(short)
            found = tuple(child for parent in found for child in parent.children if child.name == wanted)
        return found

    def maybe(self, element: Element | None, *path: str) -> Element | None:
        """The one element at the path or None; two are a fault."""
        found = self.many(element, *path)
        if len(found) > 1:
            raise broken(found[1], f"expected one `{path[-1]}`, found {len(found)}")
        return found[0] if found else None

    def one(self, element: Element, *path: str) -> Element:
        """The one element at the path; none is a fault."""
        found = self.maybe(element, *path)
        if found is None:
            raise broken(element, f"expected `{'/'.join(path)}`, found none")
        return found

    def text(self, element: Element, *path: str) -> str:
        """The text at the path; empty is a fault."""
        return text(self.one(element, *path))

    def maybe_text(self, element: Element | None, *path: str) -> str | None:
        """The text at the path, None where there is no such element."""
        found = self.maybe(element, *path)
        return None if found is None else text(found)

    def maybe_decimal(self, element: Element | None, *path: str) -> Decimal | None:
        """The number at the path, None where there is no such element."""
        found = self.maybe(element, *path)
        return None if found is None else decimal(found)

    def maybe_amount(self, currency: str, element: Element | None, *path: str) -> Decimal | None:
        """The amount at the path in this currency, None where there is no such element."""
        found = self.maybe(element, *path)
        return None if found is None else amount(found, currency)

    def amount(self, currency: str, element: Element, *path: str) -> Decimal:
        """The amount at the path in this currency."""
        return amount(self.one(element, *path), currency)


def broken(element: Element, message: str) -> BrokenInput:
    """A fault at this element."""
    return BrokenInput(message, str(element.place))


def text(element: Element) -> str:
    """Its text; `BrokenInput` when empty, too long or holding elements."""
    if element.children:
        raise broken(element, f"expected text, found `{element.children[0].local}`")
    if not element.text:
        raise broken(element, "expected text, found none")
    if len(element.text) > TEXT_CHARS_MAX:
        raise broken(element, f"expected at most {TEXT_CHARS_MAX} characters, found {len(element.text)}")
    return element.text


def decimal(element: Element) -> Decimal:
    """Its number, exactly as written."""
    value = text(element)
    if not _DECIMAL.fullmatch(value):
        raise broken(element, f"expected a decimal number, found `{value[:40]}`")
    return Decimal(value)


def amount(element: Element, currency: str) -> Decimal:
    """Its amount; a stated currency must be the document's."""
    stated = element.attributes.get("currencyID", currency)
    if stated != currency:
        raise broken(element, f"expected an amount in `{currency}`, found `{stated[:10]}`")
    return decimal(element)


def currency_code(element: Element) -> str:
    """An ISO 4217 code by form."""
    value = text(element)
    if not _CURRENCY.fullmatch(value):
        raise broken(element, f"expected a currency code of three capitals, found `{value[:10]}`")
    return value


def flag(element: Element) -> bool:
    """xs:boolean."""
    value = text(element)
    if value in {"true", "1"}:
        return True
    if value in {"false", "0"}:
        return False
    raise broken(element, f"expected `true` or `false`, found `{value[:10]}`")


def iso_date(element: Element) -> date:
    """A date such as 2026-06-17, without time zone."""
    return _date(element, _DATE.fullmatch(text(element)), "a date such as 2026-06-17")


def cii_date(element: Element) -> date:
    """A date in format 102 (20260617) or 203 (with hour and minute, which are dropped)."""
    form = element.attributes.get("format", "")
    if form not in _CII_DATE:
        raise broken(element, f"expected date format `102` or `203`, found `{form[:10]}`")
    return _date(element, _CII_DATE[form].fullmatch(text(element)), f"a date in format {form}")


def _date(element: Element, match: re.Match[str] | None, expected: str) -> date:
    if match:
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass  # the message below says it
    raise broken(element, f"expected {expected}, found `{element.text[:40]}`")
