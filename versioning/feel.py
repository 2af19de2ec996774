"""The expression language of `governance.rules` as the checks of a blueprint ask for it."""

from collections.abc import Sequence

from governance.rules import types
from governance.rules.compile import compile_expression
from governance.rules.errors import BrokenExpression
from governance.rules.types import Type
from ledger.errors import BrokenInput
from ledger.wording import as_told
from versioning.blueprint import DataField
from versioning.expressions import Typed


class Feel:
    """`versioning.expressions.Expressions` over FEEL. Has no state; `FEEL` is the one to use."""

    def typed(self, source: str, data: Sequence[DataField], currency: str) -> Typed:
        """The type of an expression over declared data, what it reads, or what is wrong in it."""
        try:
            compiled = compile_expression(source, scope_of(data, currency), currency or None, has_moment=True)
        except BrokenExpression as broken:
            return Typed("any", (), tuple([(as_told(finding.message), finding.at) for finding in broken.findings]))
        except BrokenInput as broken:  # over a limit of the language, with no one place to point at
            return Typed("any", (), ((as_told(broken.message), 0),))
        return Typed(compiled.type.name, tuple(sorted(compiled.reads)))


FEEL = Feel()


def scope_of(data: Sequence[DataField], currency: str) -> dict[str, Type]:
    """The names an expression may read and their types; an object without properties may have any."""
    return {field.name: type_of(field, currency) for field in data}


def type_of(field: DataField, currency: str) -> Type:
    """The type of one declared datum. Money may come in any currency, so its type names none."""
    if field.type == "list":
        return types.list_of(type_of(field.items, currency) if field.items is not None else types.ANY)
    fields = {member.name: type_of(member, currency) for member in field.properties}
    return types.type_named(field.type, fields or None)
