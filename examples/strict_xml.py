"""XML of business documents and event logs, whole as a tree or piece by piece.

`governance.rules.xml_guard` reads it and says what is refused; every fault is a `BrokenInput` that says where, in
words.
"""

from dataclasses import dataclass, field

from governance.rules.xml_guard import Guard, Handler, Limits, Manner, in_words
from ledger.errors import BrokenInput

__all__ = ["Element", "Feeder", "Handler", "Limits", "Place", "read"]


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


class Feeder:
    """Reads a document piece by piece in constant memory: `feed` each piece, then `close`."""

    def __init__(self, handler: Handler, limits: Limits) -> None:
        self._guard = Guard(handler, Manner(limits, in_words))

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
    Guard(builder, Manner(limits or Limits(), in_words)).feed(data, final=True)
    if builder.root is None:
        raise BrokenInput("expected an element, found none", "line 1")
    return builder.root
