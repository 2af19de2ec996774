"""Static types of the expressions of a model: what cannot be right whatever is given.

To the standard an expression whose kinds do not meet is null, and null may be meant: so this is told and refuses
nothing. What is not declared may be anything, and what the standard converts (one value and the list of it, a date and
a date and time) is no finding.
"""

from collections.abc import Mapping

from governance.rules.check import Checked, Checker
from governance.rules.errors import Finding
from governance.rules.syntax import Cell, Expr
from governance.rules.types import ANY, Type, convertible


def typed(expr: Expr, kinds: Mapping[str, Type], wanted: Type = ANY, *, is_open: bool = False) -> Checked:
    """The static type of an expression over variables of these types, and what is wrong. `wanted` is the type of the
    place it stands in; `is_open`: there may be other variables."""
    checker = Checker(kinds, None, [], is_open=is_open, has_moment=True, converts=True)
    found = checker.type_of(expr)
    if not convertible(wanted, found):
        checker.find(f"expected a result of type {_told(wanted)}, found {_told(found)}", expr.at)
    return Checked(found, _in_order(checker))


def typed_tests(
    tests: Cell, kinds: Mapping[str, Type], tested: Type = ANY, *, is_open: bool = False
) -> tuple[Finding, ...]:
    """What is wrong with tests of a value of type `tested`."""
    checker = Checker(kinds, None, [], tested, is_open=is_open, has_moment=True, converts=True)
    for test in tests.tests:
        checker.test(test, tested)
    return _in_order(checker)


def _told(kind: Type) -> str:
    """A type by its name, an object by its properties too."""
    return f"{kind} ({', '.join(f'{name}: {inner}' for name, inner in kind.fields)})" if kind.fields else str(kind)


def _in_order(checker: Checker) -> tuple[Finding, ...]:
    return tuple(sorted(checker.findings, key=lambda finding: finding.at))
