"""Expressions compiled to closures over the data: the public door of the rule language.

`compile_expression` reads, checks and compiles once; the result is immutable and evaluated any number of times. What is
known when compiling (literals, ranges of literals) is not computed again.

Two caches, both bounded and safe among threads. Closures are kept by the digest of what they are made of: the canonical
form of the tree, and the currency of bare numbers. That is all they depend on, so the same tree from two sources, or in
two scopes, is one closure. What was checked is kept by what was asked (source, scope, currency, result, moment), since
findings, types and what is read depend on all of it; asking again costs one look-up and no reading.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from governance.rules.check import check
from governance.rules.closures import Run, closure_of, repeats
from governance.rules.env import MOMENT
from governance.rules.errors import BrokenExpression, LimitBreached
from governance.rules.limits import CONTAINERS, weight_of
from governance.rules.parse import parse
from governance.rules.scope import asks_moment, reads_of
from governance.rules.syntax import Expr
from governance.rules.tree_json import to_tree_json
from governance.rules.types import Type
from ledger.canonical import b64url, encode_trusted

_CACHED_MAX = 4096  # a few hundred released blueprints with a dozen expressions each


@dataclass(frozen=True, slots=True)
class Compiled:
    """A checked expression. `reads` are the paths it may read (`risk.grade`), `roots` their first names; `digest` is
    that of its tree in canonical form. `asks_moment`: it has `now` or `today` in it. `repeats`: it has a budget."""

    source: str
    expr: Expr
    type: Type
    reads: frozenset[str]
    roots: frozenset[str]
    digest: str
    run: Callable[[Mapping[str, Any]], Any]
    asks_moment: bool = False
    repeats: bool = False

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
    """The compiled form of an expression, cached as the module says.

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
    tree = _Tree(tree_digest(expr), currency, expr)
    roots = frozenset(path.split(".")[0] for path in reads)
    run = _closure(tree)
    return Compiled(source, expr, checked.type, reads, roots, tree.digest, run, asks_moment(expr), repeats(expr))


@dataclass(frozen=True, slots=True)
class _Tree:
    """A tree by its digest; two of one digest are one."""

    digest: str
    currency: str | None
    expr: Expr = field(compare=False)


@lru_cache(maxsize=_CACHED_MAX)
def _closure(tree: _Tree) -> Run:
    return closure_of(tree.expr, tree.currency)


def tree_digest(expr: Expr) -> str:
    """The digest of the canonical form of a tree, as digests stand in entries."""
    return b64url(hashlib.sha256(encode_trusted(to_tree_json(expr))).digest())  # deeper than data may be


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
