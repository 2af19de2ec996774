"""Expressions compiled to closures over the data: the public door of the rule language.

`compile_expression` reads, checks and compiles once; the result is immutable, cached by source and scope, and
evaluated any number of times. What is known when compiling (literals, ranges of literals) is not computed again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from governance.rules.check import check
from governance.rules.closures import Run, closure_of
from governance.rules.env import MOMENT
from governance.rules.errors import BrokenExpression, LimitBreached
from governance.rules.limits import CONTAINERS, weight_of
from governance.rules.parse import parse
from governance.rules.scope import reads_of
from governance.rules.syntax import Expr
from governance.rules.types import Type

_CACHED_MAX = 4096  # a few hundred released blueprints with a dozen expressions each


@dataclass(frozen=True, slots=True)
class Compiled:
    """A checked expression. `reads` are the paths it may read (`risk.grade`), `roots` their first names."""

    source: str
    expr: Expr
    type: Type
    reads: frozenset[str]
    roots: frozenset[str]
    run: Callable[[Mapping[str, Any]], Any]

    def evaluate(self, context: Mapping[str, Any], moment: datetime | None = None) -> Any:
        """The value for this data (`values` from `from_json`); names that are missing are null. `RuleError` if none.

        `moment` is the one of the decision, with an offset, for `now` and `today`; without it they have no answer.
        A list or an object is no larger and no deeper than `limits` lets values be, whatever it was made of.
        """
        try:
            value = self.run(context if moment is None else {**context, MOMENT: moment})
        except RecursionError:  # the limits leave room for a caller hundreds of frames deep, not for any
            raise LimitBreached("expected an evaluation of fewer levels") from None
        if type(value) in CONTAINERS:
            weight_of(value)
        return value

    def holds(self, context: Mapping[str, Any]) -> bool:
        """For conditions: whether the value is true; null is not. `RuleError` when there is no certain answer."""
        return self.evaluate(context) is True


def compile_expression(
    source: str,
    scope: Mapping[str, Type],
    currency: str | None = None,
    result: Type | None = None,
    *,
    has_moment: bool = False,
) -> Compiled:
    """The compiled form of an expression, cached.

    `scope`: what may be read and its types. `currency`: what a bare number beside money means. `result`: the type
    asked for. `has_moment`: whether whoever evaluates it says the moment of the decision.
    `BrokenExpression` (with every finding) or `LimitBreached`.
    """
    return _compiled(source, tuple(sorted(scope.items())), currency, result, has_moment)


@lru_cache(maxsize=_CACHED_MAX)
def _compiled(
    source: str, scope: tuple[tuple[str, Type], ...], currency: str | None, result: Type | None, has_moment: bool
) -> Compiled:
    known = dict(scope)
    expr = parse(source, names_in(known))
    checked = check(expr, known, result, currency, has_moment=has_moment)
    if checked.findings:
        raise BrokenExpression(checked.findings, source)
    reads = frozenset(path for path in reads_of(expr) if path.split(".")[0] in known)  # not what an item has
    run: Run = closure_of(expr, currency)
    return Compiled(source, expr, checked.type, reads, frozenset(path.split(".")[0] for path in reads), run)


def names_in(scope: Mapping[str, Type]) -> frozenset[str]:
    """Every name of a scope, properties of objects included."""
    names: set[str] = set()

    def collect(fields: Iterable[tuple[str, Type]]) -> None:
        for name, kind in fields:
            names.add(name)
            inner: Type | None = kind
            while inner is not None:
                collect(inner.fields or ())
                inner = inner.item

    collect(scope.items())
    return frozenset(names)
