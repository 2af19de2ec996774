"""XML of a decision model as a tree with places. `xml_guard` reads it, and refuses processing instructions as well;
every fault is a `BrokenInput` with line and column."""

from dataclasses import dataclass, field
from typing import NamedTuple

from governance.rules.dmn.model import Source
from governance.rules.xml_guard import Guard, Limits, Manner
from ledger.errors import BrokenInput

BYTES_MAX = 5_000_000  # the largest published models, diagrams included, stay below 1 MB
DEPTH_MAX = 64
ELEMENTS_MAX = 100_000
TEXT_CHARS_MAX = 100_000  # of one element; an expression may have a tenth of it
ATTRIBUTES_MAX = 32

_MANNER = Manner(
    Limits(BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX, TEXT_CHARS_MAX, ATTRIBUTES_MAX),
    keeps_runs=True,  # a caret stands right behind an escaped `&lt;`
    refuses_instructions=True,
)
_BLANK = " \t\r\n"


@dataclass(slots=True, eq=False)
class Element:
    """One element: its namespace, its local name, attributes by `namespace local` (or the name where there is none).

    `pieces` are the runs of character data directly inside, each with line and column where it begins.
    """

    namespace: str
    local: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list["Element"] = field(default_factory=list)
    pieces: list[tuple[str, int, int]] = field(default_factory=list)

    def source(self) -> Source:
        """The text directly inside without the blanks around it, with the places of its runs."""
        text, marks = "", []
        for piece, line, column in self.pieces:
            marks.append((len(text), line, column))
            text += piece
        stripped = text.strip(_BLANK)
        start = text.find(stripped) if stripped else 0
        if not stripped:
            return Source("", ((0, self.line, self.column),))
        kept = [(at - start, line, column) for at, line, column in marks if at > start]
        at, line, column = next(mark for mark in reversed(marks) if mark[0] <= start)
        return Source(stripped, ((0, line, column + start - at), *kept))


class Document(NamedTuple):
    """The root, and the namespaces each prefix stands for; none stands for two."""

    root: Element
    prefixes: dict[str, str]


def read_xml(data: bytes) -> Document:
    """The document; `BrokenInput` with line and column, `TooLarge` over a limit."""
    builder = _Builder()
    builder.guard.feed(data, final=True)
    assert builder.root is not None  # a document without an element is not well-formed
    return Document(builder.root, builder.prefixes)


class _Builder:
    """Makes the tree of what the guard lets pass."""

    def __init__(self) -> None:
        self.guard = Guard(self, _MANNER)
        self.guard.namespaces(self.namespace)
        self.root: Element | None = None
        self.prefixes: dict[str, str] = {}
        self._open: list[Element] = []

    def start(self, name: str, attributes: dict[str, str], _line: int) -> None:
        """See `xml_guard.Handler`."""
        namespace, _, local = name.rpartition(" ")
        made = Element(namespace, local, attributes, *self.guard.position())
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, _name: str) -> None:
        """See `xml_guard.Handler`."""
        self._open.pop()

    def text(self, text: str) -> None:
        """See `xml_guard.Handler`."""
        self._open[-1].pieces.append((text, *self.guard.position()))

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        """A prefix stands for a namespace from here on; for no other one anywhere."""
        if self.prefixes.setdefault(prefix or "", uri or "") != (uri or "") and prefix:
            raise BrokenInput(f"expected the prefix `{prefix}` to stand for one namespace", self.guard.where())
