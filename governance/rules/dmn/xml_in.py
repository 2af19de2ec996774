"""XML of a decision model as a tree with places, read so that it can do nothing but be read.

One expat parser both guards and reads, so no second parser can see another document. Document type declarations are
refused where they begin, and with them every entity but the five of XML itself; so are processing instructions. Size,
depth, number of elements and length of one text are limited while reading. Input is UTF-8 only: an encoding switch is
the classic way past a filter. Every fault is a `BrokenInput` with line and column.
"""

from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from governance.rules.dmn.model import Source
from ledger.errors import BrokenInput, TooLarge

BYTES_MAX = 5_000_000  # the largest published models, diagrams included, stay below 1 MB
DEPTH_MAX = 64
ELEMENTS_MAX = 100_000
TEXT_CHARS_MAX = 100_000  # of one element; an expression may have a tenth of it
ATTRIBUTES_MAX = 32

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
    if len(data) > BYTES_MAX:
        raise TooLarge(f"expected at most {BYTES_MAX} bytes")
    if b"\0" in data:  # expat follows the byte order mark of UTF-16 even where it is told the encoding
        raise BrokenInput("expected UTF-8, found a zero byte", f"{data[: data.index(0)].count(10) + 1}:1")
    guard = _Guard()
    try:
        guard.parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        raise BrokenInput(f"expected well-formed XML, found {message}", f"{error.lineno}:{error.offset + 1}") from None
    assert guard.root is not None  # a document without an element is not well-formed
    return Document(guard.root, guard.prefixes)


class _Guard:
    """Builds the tree and stops the parser where a limit is reached."""

    def __init__(self) -> None:
        # Names come as `namespace local`. Text is not buffered, so that every run keeps its place in the file.
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartNamespaceDeclHandler = self.namespace
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.EntityDeclHandler = self.refuse_entity
        parser.ExternalEntityRefHandler = self.refuse_entity
        parser.SkippedEntityHandler = self.refuse_entity
        parser.ProcessingInstructionHandler = self.refuse_instruction
        self.root: Element | None = None
        self.prefixes: dict[str, str] = {}
        self._open: list[Element] = []
        self._elements = 0
        self._chars = 0

    def _place(self) -> str:
        return f"{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._chars = 0
        for count, most, what in (
            (len(self._open), DEPTH_MAX - 1, "levels of elements"),
            (self._elements, ELEMENTS_MAX, "elements"),
            (len(attributes), ATTRIBUTES_MAX, "attributes"),
        ):
            if count > most:
                raise TooLarge(f"expected fewer {what}", self._place())
        namespace, _, local = name.rpartition(" ")
        made = Element(namespace, local, attributes, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > TEXT_CHARS_MAX:
            raise TooLarge(f"expected at most {TEXT_CHARS_MAX} characters of text", self._place())
        self._open[-1].pieces.append((text, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1))

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        if self.prefixes.setdefault(prefix or "", uri or "") != (uri or "") and prefix:
            raise BrokenInput(f"expected the prefix `{prefix}` to stand for one namespace", self._place())

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise BrokenInput(f"expected XML 1.0, found `{version[:10]}`", "1:1")
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
            raise BrokenInput(f"expected UTF-8, found encoding `{encoding[:30]}`", "1:1")

    def refuse_doctype(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no document type declaration", self._place())

    def refuse_entity(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no entity", self._place())

    def refuse_instruction(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no processing instruction", self._place())
