"""XML from outside, read so that it can do nothing but be read.

One expat parser both guards and reads, so no second parser can see another document. Document type declarations are
refused where they begin, and with them every entity but the five of XML itself; nothing is fetched. Size, depth, number
of elements and length of one text are limited while reading, not afterwards. Input is UTF-8 only: an encoding switch is
the classic way past a filter. Every fault is a `BrokenInput` or `TooLarge` that says where.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, Protocol
from xml.parsers import expat

from ledger.errors import BrokenInput, TooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may be. The defaults fit a business document."""

    size_bytes_max: int = 10_000_000  # the largest real invoices, with thousands of lines, stay below 5 MB
    depth_max: int = 40  # UBL and CII nest at most some 20 deep
    elements_max: int = 500_000
    text_chars_max: int = 100_000  # of one element; we read no embedded attachments
    attributes_max: int = 32


def line_and_column(line: int, column: int) -> str:
    """`3:14`."""
    return f"{line}:{column}"


def in_words(line: int, column: int) -> str:
    """`line 3, column 14`."""
    return f"line {line}, column {column}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How documents are read. `told` says a place, both numbers from 1. `keeps_runs`: text comes in the runs it stands
    in, each from its own place, and not joined. Processing instructions are passed over, or refused."""

    limits: Limits = Limits()
    told: Callable[[int, int], str] = line_and_column
    keeps_runs: bool = False
    refuses_instructions: bool = False


class Handler(Protocol):
    """Who reads: called in document order. Names are `namespace local` with one blank between, or the local name."""

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        ...

    def text(self, text: str) -> None:
        """Character data, possibly in pieces."""
        ...

    def end(self, name: str) -> None:
        """An element ends."""
        ...


class Guard:
    """Counts what passes and stops the parser where a limit is reached: `feed` the pieces of a document, the last one
    as the `final`."""

    def __init__(self, handler: Handler, manner: Manner) -> None:
        self._handler = handler
        self._manner = manner
        self._size = self._depth = self._elements = self._chars = 0
        # The encoding is forced: what is not UTF-8 is not well-formed here, whatever the document says of itself.
        self._parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = not manner.keeps_runs
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._entity
        parser.SkippedEntityHandler = self._entity
        if manner.refuses_instructions:
            parser.ProcessingInstructionHandler = self._instruction

    def namespaces(self, told: Callable[[str | None, str | None], None]) -> None:
        """Have every declaration of a namespace told: prefix, name."""
        self._parser.StartNamespaceDeclHandler = told

    def position(self) -> tuple[int, int]:
        """Line and column, from 1, of what is being read."""
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def where(self) -> str:
        """The same as it is told."""
        return self._manner.told(*self.position())

    def feed(self, data: bytes, final: bool) -> None:
        """The next bytes; the handler has been called for all that is complete. `BrokenInput`, `TooLarge`."""
        self._size += len(data)
        if self._size > self._manner.limits.size_bytes_max:
            raise TooLarge(f"expected at most {self._manner.limits.size_bytes_max} bytes")
        if b"\0" in data:  # expat follows the byte order mark of UTF-16 even where it is told the encoding
            line = self._parser.CurrentLineNumber + data[: data.index(0)].count(b"\n")
            raise BrokenInput("expected UTF-8, found a zero byte", self._manner.told(line, 1))
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            message = f"expected well-formed XML, found {expat.ErrorString(error.code)}"
            raise BrokenInput(message, self._manner.told(error.lineno, error.offset + 1)) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        self._chars = 0
        limits = self._manner.limits
        if self._depth > limits.depth_max:
            raise TooLarge(f"expected at most {limits.depth_max} levels of elements", self.where())
        if self._elements > limits.elements_max:
            raise TooLarge(f"expected at most {limits.elements_max} elements", self.where())
        if len(attributes) > limits.attributes_max:
            raise TooLarge(f"expected at most {limits.attributes_max} attributes", self.where())
        self._handler.start(name, attributes, self._parser.CurrentLineNumber)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._handler.end(name)

    def _text(self, text: str) -> None:
        self._chars += len(text)
        if self._chars > self._manner.limits.text_chars_max:
            message = f"expected at most {self._manner.limits.text_chars_max} characters of text"
            raise TooLarge(message, self.where())
        self._handler.text(text)

    def _declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        first = self._manner.told(1, 1)
        if version != "1.0":
            raise BrokenInput(f"expected XML 1.0, found `{version[:10]}`", first)
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
            raise BrokenInput(f"expected UTF-8, found encoding `{encoding[:30]}`", first)

    def _doctype(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no document type declaration", self.where())

    def _entity(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no entity", self.where())

    def _instruction(self, *_: object) -> NoReturn:
        raise BrokenInput("expected no processing instruction", self.where())
