"""XML from outside, read so that it can do nothing but be read.

One expat parser both guards and reads, so no second parser can see another document. Document type declarations are
refused where they begin, and with them every entity but the five of XML itself; nothing is fetched. Size, depth,
number of elements and length of one text are limited while reading, not afterwards. Input is UTF-8 only: an encoding
switch is the classic way past a filter. Every fault is a `BrokenInput` that says where.
"""

from dataclasses import dataclass, field
from typing import NoReturn, Protocol
from xml.parsers import expat

from ledger.errors import BrokenInput, TooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may be. The defaults fit a business document; event logs bring their own."""

    size_bytes_max: int = 10_000_000  # the largest real invoices, with thousands of lines, stay below 5 MB
    depth_max: int = 40  # UBL and CII nest at most some 20 deep
    elements_max: int = 500_000
    text_chars_max: int = 100_000  # of one element; we read no embedded attachments
    attributes_max: int = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element begins: line from 1, and the path of local names with positions among like siblings."""

    line: int
    path: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.path}"


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `name` is `namespace local` with one blank between, or the local name where there is none."""

    name: str
    attributes: dict[str, str]
    text: str  # character data directly inside, stripped
    children: tuple["Element", ...]
    place: Place

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(" ")[2]


class Handler(Protocol):
    """What a streaming reader gives: called in document order."""

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        ...

    def text(self, text: str) -> None:
        """Character data, possibly in pieces."""
        ...

    def end(self, name: str) -> None:
        """An element ends."""
        ...


@dataclass(slots=True)
class _Guard:
    """Counts what passes and stops the parser where a limit is reached."""

    limits: Limits
    handler: Handler
    parser: expat.XMLParserType
    size: int = 0
    depth: int = 0
    elements: int = 0
    chars: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        self.chars = 0
        line = self.parser.CurrentLineNumber
        if self.depth > self.limits.depth_max:
            raise TooLarge(f"expected at most {self.limits.depth_max} levels of elements", f"line {line}")
        if self.elements > self.limits.elements_max:
            raise TooLarge(f"expected at most {self.limits.elements_max} elements", f"line {line}")
        if len(attributes) > self.limits.attributes_max:
            raise TooLarge(f"expected at most {self.limits.attributes_max} attributes", f"line {line}")
        self.handler.start(name, attributes, line)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.handler.end(name)

    def text(self, text: str) -> None:
        self.chars += len(text)
        if self.chars > self.limits.text_chars_max:
            where = f"line {self.parser.CurrentLineNumber}"
            raise TooLarge(f"expected at most {self.limits.text_chars_max} characters of text", where)
        self.handler.text(text)

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise BrokenInput(f"expected XML 1.0, found `{version[:10]}`", "line 1")
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
            raise BrokenInput(f"expected UTF-8, found encoding `{encoding[:30]}`", "line 1")

    def doctype(self, *_: object) -> NoReturn:
        where = f"line {self.parser.CurrentLineNumber}"
        raise BrokenInput("expected no document type declaration", where)

    def entity(self, *_: object) -> NoReturn:
        where = f"line {self.parser.CurrentLineNumber}"
        raise BrokenInput("expected no entity", where)

    def feed(self, data: bytes, final: bool) -> None:
        self.size += len(data)
        if self.size > self.limits.size_bytes_max:
            raise TooLarge(f"expected at most {self.limits.size_bytes_max} bytes")
        if b"\0" in data:  # expat follows the byte order mark of UTF-16 even where it is told the encoding
            raise BrokenInput("expected UTF-8, found a zero byte", f"line {self.parser.CurrentLineNumber}")
        try:
            self.parser.Parse(data, final)
        except expat.ExpatError as error:
            message = expat.ErrorString(error.code)
            raise BrokenInput(
                f"expected well-formed XML, found {message}", f"line {error.lineno}, column {error.offset + 1}"
            ) from error


def _guard(handler: Handler, limits: Limits) -> _Guard:
    # The encoding is forced: what is not UTF-8 is not well-formed here, whatever the document says of itself.
    # Names come as `namespace local`.
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    guard = _Guard(limits, handler, parser)
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.CharacterDataHandler = guard.text
    parser.XmlDeclHandler = guard.declaration
    parser.StartDoctypeDeclHandler = guard.doctype
    parser.EntityDeclHandler = guard.entity
    parser.ExternalEntityRefHandler = guard.entity
    parser.SkippedEntityHandler = guard.entity
    return guard


class Feeder:
    """Reads a document piece by piece in constant memory: `feed` each piece, then `close`."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        self._guard = _guard(handler, limits)

    def feed(self, data: bytes) -> None:
        """The next bytes; the handler is called for all that is complete."""
        self._guard.feed(data, final=False)

    def close(self) -> None:
        """The end of the document; what is open is `BrokenInput`."""
        self._guard.feed(b"", final=True)


@dataclass(slots=True)
class _Open:
    name: str
    attributes: dict[str, str]
    place: Place
    text: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


class _Builder:
    def __init__(self) -> None:
        self.stack: list[_Open] = []
        self.root: Element | None = None

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        local = name.rpartition(" ")[2]
        if not self.stack:
            path = f"/{local}"
        else:
            parent = self.stack[-1]
            number = parent.counts[local] = parent.counts.get(local, 0) + 1
            path = f"{parent.place.path}/{local}" + (f"[{number}]" if number > 1 else "")
        self.stack.append(_Open(name, attributes, Place(line, path)))

    def text(self, text: str) -> None:
        self.stack[-1].text.append(text)

    def end(self, _name: str) -> None:
        done = self.stack.pop()
        element = Element(done.name, done.attributes, "".join(done.text).strip(), tuple(done.children), done.place)
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element


def read(data: bytes, limits: Limits | None = None) -> Element:
    """The root element of a whole document; `BrokenInput` with line and column, `TooLarge` over a limit."""
    builder = _Builder()
    guard = _guard(builder, limits or Limits())
    guard.feed(data, final=True)
    if builder.root is None:
        raise BrokenInput("expected an element, found none", "line 1")
    return builder.root
