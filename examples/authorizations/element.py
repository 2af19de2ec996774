"""Elements of FHIR JSON, each with its place as a FHIRPath: `Bundle.entry[0].resource.patient.reference`.

Only what a simple path can say is used: names, indexes from 0. A fault names the element and never what stands in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledger.errors import BrokenInput, TooLarge

TEXT_CHARS_MAX = 200  # of one name, code or reference that we keep
ITEMS_MAX = 200  # of one list: entries, items, diagnoses
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*)?")  # `dateTime` of FHIR with a whole day


@dataclass(frozen=True, slots=True)
class Element:
    """One element; `value` is what the JSON reader made of it."""

    path: str
    value: Any

    def fault(self, message: str) -> BrokenInput:
        """What is wrong here."""
        return BrokenInput(message, self.path)

    def one(self, name: str) -> "Element":
        """The member of this name, which must be there."""
        found = self.maybe(name)
        if found is None:
            raise BrokenInput(f"expected `{name}`, found none", f"{self.path}.{name}")
        return found

    def maybe(self, name: str) -> "Element | None":
        """The member of this name, or None."""
        if not isinstance(self.value, Mapping):
            raise self.fault("expected an object")
        if name not in self.value:
            return None
        return Element(f"{self.path}.{name}", self.value[name])

    def many(self, name: str) -> tuple["Element", ...]:
        """The items of the list of this name; none where it is missing. FHIR has no empty lists."""
        found = self.maybe(name)
        if found is None:
            return ()
        if not isinstance(found.value, list) or not found.value:
            raise found.fault("expected a list with something in it")
        if len(found.value) > ITEMS_MAX:
            raise TooLarge(f"expected at most {ITEMS_MAX} items", found.path)
        return tuple([Element(f"{found.path}[{number}]", item) for number, item in enumerate(found.value)])

    def some(self, name: str) -> tuple["Element", ...]:
        """As `many`, and at least one."""
        found = self.many(name)
        if not found:
            raise BrokenInput(f"expected `{name}`, found none", f"{self.path}.{name}")
        return found

    def text(self, name: str) -> str:
        """The text of the member of this name: not empty, on one line."""
        found = self.one(name)
        if not isinstance(found.value, str) or not found.value.strip():
            raise found.fault("expected text")
        if len(found.value) > TEXT_CHARS_MAX:
            raise TooLarge(f"expected at most {TEXT_CHARS_MAX} characters", found.path)
        if not found.value.isprintable():
            raise found.fault("expected printable characters on one line")
        return found.value.strip()

    def text_or(self, name: str, otherwise: str = "") -> str:
        """The text of the member of this name where it is there."""
        return otherwise if self.maybe(name) is None else self.text(name)

    def word(self, name: str, *allowed: str) -> str:
        """The text of the member of this name, which must be one of these."""
        found = self.text(name)
        if found not in allowed:
            raise self.one(name).fault(f"expected {' or '.join(f'`{one}`' for one in allowed)}")
        return found

    def day(self, name: str) -> date:
        """The day of a date or of a date and time."""
        match = _DATE.fullmatch(self.text(name))
        try:
            if match is not None:
                return date.fromisoformat(match[1])
        except ValueError:
            pass
        raise self.one(name).fault("expected a date such as 2026-01-31")

    def is_true(self, name: str) -> bool:
        """The member of this name, false where it is missing."""
        found = self.maybe(name)
        if found is None:
            return False
        if not isinstance(found.value, bool):
            raise found.fault("expected true or false")
        return found.value
