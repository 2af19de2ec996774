"""Decision models as values (DMN 1.5, sections 6 to 8 and 10.2): what is read, evaluated and written.

Elements refer to each other by name; the ids that files use are kept, so that a file written again keeps them.
Expressions and tests stand as they are written. Places in a file take no part in comparisons.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal as Choice
from typing import NamedTuple, TypeVar

from ledger.errors import BrokenInput

VERSIONS = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
FEEL_NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/FEEL/20140401",
        "http://www.omg.org/spec/DMN/20180521/FEEL/",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    }
)

Hit = Choice["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
HITS: tuple[Hit, ...] = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
Aggregation = Choice["SUM", "COUNT", "MIN", "MAX"]
AGGREGATIONS: tuple[Aggregation, ...] = ("SUM", "COUNT", "MIN", "MAX")


@dataclass(frozen=True, slots=True)
class Source:
    """An expression or tests as written. `marks`: (offset, line, column) where runs of it begin in a file.

    `is_refused`: what stands there is refused already (another language, or no text), so there is nothing to read.
    """

    text: str
    marks: tuple[tuple[int, int, int], ...] = field(default=((0, 1, 1),), compare=False)
    is_refused: bool = field(default=False, compare=False)

    def place(self, at: int = 0) -> tuple[int, int]:
        """Line and column in the file of a character of the text."""
        start, line, column = next(mark for mark in reversed(self.marks) if mark[0] <= at)
        inside = self.text[start:at]
        breaks = inside.count("\n")
        return (line + breaks, at - start - inside.rfind("\n")) if breaks else (line, column + at - start)


class Finding(NamedTuple):
    """Something about a model: an `error` refuses it, a `warning` tells what is left out of it.

    `path` names the place from the outside in, `line` and `column` where in the file; `at` is the offset in `source`.
    """

    severity: Choice["error", "warning"]
    path: str
    message: str
    line: int = 1
    column: int = 1
    source: str = ""
    at: int = 0

    def text(self, name: str) -> str:
        """The finding in one line, as compilers write it."""
        return f"{name}:{self.line}:{self.column}: {self.severity}: {self.message} (in {self.path})"

    def caret(self) -> str:
        """The line of the expression it is about with a caret under the place; empty where it is about none."""
        if not self.source:
            return ""
        at = min(self.at, len(self.source))
        begin = self.source.rfind("\n", 0, at) + 1
        return f"{self.source[begin:].splitlines()[0] if self.source[begin:] else ''}\n{' ' * (at - begin)}^"


class BrokenModel(BrokenInput):
    """A model that is not taken; `findings` holds every error and warning, the first error leads."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        first = next(finding for finding in findings if finding.severity == "error")
        super().__init__(f"{first.message} (in {first.path})", f"{first.line}:{first.column}")


class Draft(NamedTuple):
    """What was read of a file, faults and all: not to be evaluated, only to be looked through for more faults.

    `unsure`: elements whose expressions may name what could not be read. `has_all_types`: every type has its name.
    """

    model: "Definitions"
    unsure: frozenset[str] = frozenset()
    has_all_types: bool = True


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with its declared type; None takes anything. Also a parameter, and a column of a relation."""

    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    """A FEEL expression."""

    source: Source
    type: str | None = None


@dataclass(frozen=True, slots=True)
class InputClause:
    """What a column of a table asks about; `values` are the tests of all values that are allowed."""

    expression: Source
    type: str | None = None
    values: Source | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class OutputClause:
    """A result of a table. `values` are allowed, in order of priority; `default` counts where no rule matches."""

    name: str = ""
    type: str | None = None
    values: Source | None = None
    default: Source | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class BoxedRule:
    """A row: tests for each input, an expression for each output, and what is noted beside it."""

    tests: tuple[Source, ...]
    outputs: tuple[Source, ...]
    notes: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class BoxedTable:
    """A decision table as written; `tables` evaluates it."""

    hit: Hit
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[BoxedRule, ...]
    aggregation: Aggregation | None = None
    type: str | None = None
    label: str = ""
    orientation: str = ""
    note_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoxedContext:
    """Named entries in order, each seeing those before it; a last one without a name is the value of the whole."""

    entries: "tuple[tuple[Variable | None, Expression], ...]"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with arguments by name."""

    function: "Expression"
    bindings: "tuple[tuple[Variable, Expression | None], ...]"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A list of contexts, written as rows below columns."""

    columns: tuple[Variable, ...]
    rows: "tuple[tuple[Expression, ...], ...]"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedList:
    """A list."""

    items: "tuple[Expression, ...]"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedFunction:
    """A function with parameters; `body` None has no logic and is null."""

    parameters: tuple[Variable, ...]
    body: "Expression | None"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """`if`, `then`, `else`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedFilter:
    """Items of a list for which `match` is true."""

    items: "Expression"
    match: "Expression"
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """`for` gives the results of `body`, `every` and `some` ask whether it is true."""

    kind: Choice["for", "every", "some"]
    variable: Variable
    items: "Expression"
    body: "Expression"
    type: str | None = None


Expression = (
    LiteralExpression
    | BoxedTable
    | BoxedContext
    | Invocation
    | Relation
    | BoxedList
    | BoxedFunction
    | Conditional
    | BoxedFilter
    | Loop
)


def parts_of(expression: Expression) -> "Iterator[tuple[str, Expression]]":
    """The expressions directly inside one, each with what it is to it."""
    match expression:
        case BoxedContext(entries=entries):
            for variable, one in entries:
                yield (f"entry `{variable.name}`" if variable else "result"), one
        case Invocation(function=function, bindings=bindings):
            yield "function", function
            for variable, bound in bindings:
                if bound is not None:
                    yield f"argument `{variable.name}`", bound
        case Relation(columns=columns, rows=rows):
            for number, row in enumerate(rows, start=1):
                for column, one in zip(columns, row, strict=True):
                    yield f"row {number}, column `{column.name}`", one
        case BoxedList(items=items):
            for number, one in enumerate(items, start=1):
                yield f"item {number}", one
        case BoxedFunction(body=body) if body is not None:
            yield "function", body
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            yield from (("if", condition), ("then", then), ("else", otherwise))
        case BoxedFilter(items=source, match=match):
            yield from (("in", source), ("match", match))
        case Loop(kind=kind, items=source, body=inside):
            yield from (("in", source), ("return" if kind == "for" else "satisfies", inside))


@dataclass(frozen=True, slots=True)
class FunctionItem:
    """The type of a function."""

    parameters: tuple[Variable, ...]
    result: str | None


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type: another type, components, or a function; `is_list` makes it a list of such.

    `allowed` tests the value (of a list: every item), `constraint` the whole.
    """

    name: str
    type: str | None = None
    components: "tuple[ItemDefinition, ...]" = ()
    function: FunctionItem | None = None
    is_list: bool = False
    allowed: Source | None = None
    constraint: Source | None = None
    id: str = ""
    label: str = ""
    description: str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class InputData:
    """Something that is given."""

    name: str
    id: str
    variable: Variable
    label: str = ""
    description: str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. `information` are names of input data and decisions it reads, `knowledge` of what it may call."""

    name: str
    id: str
    variable: Variable
    information: tuple[str, ...] = ()
    knowledge: tuple[str, ...] = ()
    logic: Expression | None = None
    question: str = ""
    answers: str = ""
    label: str = ""
    description: str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A business knowledge model: a named function."""

    name: str
    id: str
    variable: Variable
    function: BoxedFunction | None = None
    knowledge: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)


@dataclass(frozen=True, slots=True)
class DecisionService:
    """Decisions to be asked together, as a function of input data and of decisions made elsewhere; all by name."""

    name: str
    id: str
    variable: Variable
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    place: tuple[int, int] = field(default=(1, 1), compare=False)


Node = InputData | Decision | Knowledge | DecisionService
T = TypeVar("T", bound=Node)


@dataclass(frozen=True, slots=True)
class Definitions:
    """A whole model. `version` is that of the file it was read from; it is written as 1.5 whatever it was."""

    name: str
    namespace: str
    id: str = ""
    items: tuple[ItemDefinition, ...] = ()
    nodes: tuple[Node, ...] = ()
    description: str = ""
    version: str = field(default="1.5", compare=False)

    def node(self, name: str) -> Node | None:
        """The element of this name."""
        return next((node for node in self.nodes if node.name == name), None)

    def of_kind(self, kind: type[T]) -> tuple[T, ...]:
        """The elements of one kind, in order."""
        return tuple(node for node in self.nodes if isinstance(node, kind))
