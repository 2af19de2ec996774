"""Event logs in XES (IEEE 1849-2016), plain or gzip, read and written in constant memory.

Read: traces with a name, events with activity and time; the resource is `org:resource`, or `resource` where a log
has no organisational extension. Nested attributes and lists are refused by name. Hostile XML is refused by the parser
(`strict_xml`), a gzip bomb by the ratio limit. Memory holds one case and one chunk at a time.
"""

import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, get_args
from xml.sax.saxutils import quoteattr

from examples.events.model import Attribute, AttributeType, Case, Event
from examples.strict_xml import Feeder, Limits
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput, TooLarge

NAMESPACE = "http://www.xes-standard.org/"
CHUNK_BYTES = 64 * 1024
RATIO_MAX = 200  # real logs shrink 20 to 60 times; a bomb shrinks a thousand times
LIMITS = Limits(size_bytes_max=4_000_000_000, depth_max=12, elements_max=500_000_000, text_chars_max=10_000)
EVENTS_PER_CASE_MAX = 1_000_000  # one case is held in memory
_ATTRIBUTES_MAX = 500  # of one event or trace

_TYPES: frozenset[str] = frozenset(get_args(AttributeType))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_cases(stream: BinaryIO) -> Iterator[Case]:
    """The cases of a log, in order; a `BrokenInput` with the line where the log cannot be read."""
    handler = _Handler()
    feeder = Feeder(handler, LIMITS)
    for chunk in _plain(stream):
        feeder.feed(chunk)
        while handler.done:
            yield handler.done.popleft()
    feeder.close()
    while handler.done:
        yield handler.done.popleft()


def write_cases(cases: Iterable[Case], stream: BinaryIO) -> None:
    """Write a gzip XES log that `read_cases` reads back to the same cases. Same cases, same bytes."""
    packer = zlib.compressobj(level=6, wbits=31)

    def put(text: str) -> None:
        stream.write(packer.compress(text.encode("utf-8")))

    put('<?xml version="1.0" encoding="UTF-8"?>\n')
    put(f'<log xes.version="1849-2016" xes.features="" xmlns="{NAMESPACE}">\n')
    for name, prefix in (("Concept", "concept"), ("Time", "time"), ("Organizational", "org")):
        put(f'<extension name="{name}" prefix="{prefix}" uri="{NAMESPACE}{prefix}.xesext"/>\n')
    for case in cases:
        put("<trace>\n" + _attribute(Attribute("concept:name", "string", case.name)))
        put("".join(map(_attribute, case.attributes)) + "".join(map(_event, case.events)) + "</trace>\n")
    put("</log>\n")
    stream.write(packer.flush())


def _event(event: Event) -> str:
    head = [
        Attribute("concept:name", "string", event.activity),
        Attribute("time:timestamp", "date", instant_text(event.at)),
    ]
    if event.resource is not None:
        head.append(Attribute("org:resource", "string", event.resource))
    return "<event>\n" + "".join(map(_attribute, (*head, *event.attributes))) + "</event>\n"


def _attribute(attribute: Attribute) -> str:
    # Line ends and tabs would be read back as blanks (XML 1.0, section 3.3.3), so they go as references.
    entities = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    key, value = quoteattr(attribute.key, entities), quoteattr(attribute.text, entities)
    return f"<{attribute.type} key={key} value={value}/>\n"


def _plain(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of the log, unpacked where they begin as gzip does."""
    chunk = stream.read(CHUNK_BYTES)
    if not chunk.startswith(b"\x1f\x8b"):
        while chunk:
            yield chunk
            chunk = stream.read(CHUNK_BYTES)
        return
    packed = unpacked = 0
    unpacker = zlib.decompressobj(wbits=31)
    try:
        while chunk:
            packed += len(chunk)
            while chunk:
                plain = unpacker.decompress(chunk, CHUNK_BYTES)
                unpacked += len(plain)
                if unpacked > (packed - len(unpacker.unconsumed_tail)) * RATIO_MAX + CHUNK_BYTES:
                    raise TooLarge(f"expected gzip that unpacks to at most {RATIO_MAX} times its size")
                yield plain
                chunk = unpacker.unconsumed_tail
                if unpacker.eof and unpacker.unused_data:  # several members in a row are one file
                    chunk, unpacker = unpacker.unused_data, zlib.decompressobj(wbits=31)
            chunk = stream.read(CHUNK_BYTES)
            if chunk and unpacker.eof:
                unpacker = zlib.decompressobj(wbits=31)
    except zlib.error as error:
        raise BrokenInput(f"expected gzip, found {error}") from error
    if not unpacker.eof:
        raise BrokenInput("expected the end of the gzip data, found the end of the file")


class _Handler:
    """Builds one case at a time from what the parser passes."""

    def __init__(self) -> None:
        self.done: deque[Case] = deque()
        self._path: list[str] = []
        self._trace: list[Attribute] = []
        self._event: list[Attribute] = []
        self._events: list[Event] = []
        self._line = 0

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        namespace, _, local = name.rpartition(" ")
        self._line = line
        if not self._path:
            if local != "log" or namespace not in {NAMESPACE, NAMESPACE.rstrip("/"), ""}:
                raise BrokenInput(f"expected an XES `log`, found `{local[:40]}`", f"line {line}, /")
        elif self._path == ["log", "trace"] and local == "event":
            self._event = []
        elif self._path == ["log"] and local == "trace":
            self._trace, self._events = [], []
        elif self._path[1:2] == ["trace"]:
            self._take(local, attributes)
        self._path.append(local)

    def text(self, text: str) -> None:
        if text.strip():
            raise BrokenInput("expected no text between elements", self._where())

    def end(self, _name: str) -> None:
        if self._path == ["log", "trace", "event"]:
            self._events.append(self._finish_event())
            if len(self._events) > EVENTS_PER_CASE_MAX:
                raise TooLarge(f"expected at most {EVENTS_PER_CASE_MAX} events in a case", self._where())
        elif self._path == ["log", "trace"]:
            name = self._pop(self._trace, "concept:name", "string")
            if name is None:
                raise BrokenInput("expected a trace with `concept:name`, found none", self._where())
            self.done.append(Case(name, tuple(self._trace), tuple(self._events)))
        self._path.pop()

    def _take(self, local: str, attributes: dict[str, str]) -> None:
        target = self._event if self._path == ["log", "trace", "event"] else self._trace
        if self._path not in (["log", "trace", "event"], ["log", "trace"]):
            raise BrokenInput("expected a flat attribute, found a nested one", self._where())
        if local not in _TYPES:
            raise BrokenInput(f"expected an attribute of a simple type, found `{local[:40]}`", self._where())
        key, text = attributes.get("key"), attributes.get("value")
        if not key or text is None:
            raise BrokenInput("expected an attribute with key and value", self._where())
        if len(target) >= _ATTRIBUTES_MAX:
            raise TooLarge(f"expected at most {_ATTRIBUTES_MAX} attributes", self._where())
        target.append(Attribute(key, local, text))  # type: ignore[arg-type]  # checked against _TYPES above

    def _finish_event(self) -> Event:
        activity = self._pop(self._event, "concept:name", "string")
        moment = self._pop(self._event, "time:timestamp", "date")
        resource = self._pop(self._event, "org:resource", "string")
        if resource is None:
            resource = self._pop(self._event, "resource", "string")
        if activity is None or moment is None:
            raise BrokenInput("expected an event with `concept:name` and `time:timestamp`", self._where())
        return Event(activity, resource, self._instant(moment), tuple(self._event))

    def _pop(self, attributes: list[Attribute], key: str, kind: str) -> str | None:
        found = [attribute for attribute in attributes if attribute.key == key]
        if not found:
            return None
        if len(found) > 1 or found[0].type != kind:
            raise BrokenInput(f"expected one `{key}` of type {kind}", self._where())
        attributes.remove(found[0])
        return found[0].text

    def _instant(self, text: str) -> Instant:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise BrokenInput(f"expected a time with its offset, found `{text[:40]}`", self._where())
        return Instant((moment - _EPOCH) // _MICROSECOND)

    def _where(self) -> str:
        return f"line {self._line}, /{'/'.join(self._path)}"
