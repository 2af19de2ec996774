"""Expressions evaluated for a test, as the standard reads them: nothing is declared."""

from collections.abc import Mapping
from typing import Any

from governance.rules.closures import closure_of
from governance.rules.parse import parse


def value(source: str, currency: str | None = None, names: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """What an expression gives over these names."""
    known = {**(names or {}), **more}
    return closure_of(parse(source, known), currency)(known)


def holds(source: str, names: Mapping[str, Any] | None = None) -> bool:
    """Whether an expression is true, and not only not false."""
    return value(source, names=names) is True
