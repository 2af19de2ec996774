"""The one guard that XML from outside passes: what it refuses, where it says so, whole or in pieces of any size."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.xml_guard import Guard, Limits, Manner, in_words, line_and_column
from ledger.errors import BrokenInput, TooLarge
from tests.conftest import CASES

MANNERS = (
    Manner(),
    Manner(told=in_words),
    Manner(keeps_runs=True, refuses_instructions=True),
)


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.runs: list[str] = []
        self.ended = 0

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        assert line > 0
        self.names.append(name)

    def text(self, text: str) -> None:
        self.runs.append(text)

    def end(self, name: str) -> None:
        self.ended += 1


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The data in pieces of a size, or whole."""
    for start in range(0, len(data), size or len(data)):
        yield data[start : start + (size or len(data))]


def fed(data: bytes, manner: Manner, size: int = 0) -> Told:
    told = Told()
    guard = Guard(told, manner)
    for piece in pieces(data, size):
        guard.feed(piece, final=False)
    guard.feed(b"", final=True)
    return told


@pytest.mark.cases
@pytest.mark.skipif(not CASES.is_dir(), reason="no published files")
@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("size", [0, 1, 7])
def test_published_hostile_files_do_nothing_but_be_read(manner: Manner, size: int) -> None:
    files = sorted((CASES / "hostile-xml").glob("*.xml"))
    assert len(files) >= 3
    refused = {}
    for file in files:
        told = Told()
        guard = Guard(told, manner)
        try:
            for piece in pieces(file.read_bytes(), size):
                guard.feed(piece, final=False)
        except BrokenInput as error:
            refused[file.name] = (error.message, bool(error.location), told.names)
    nothing: list[str] = []  # is read: they are refused where the fault begins
    doctype = ("expected no document type declaration", True, nothing)
    instruction = ("expected no processing instruction", True, nothing)  # beside which that file is plain
    assert (refused["xmlbomb.xml"], refused["external_file.xml"]) == (doctype, doctype)
    assert refused.get("simple-ns.xml") == (instruction if manner.refuses_instructions else None)


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE a><a/>", "document type"),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>", "document type"),
        (b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a/>", "document type"),
        (b"<a>&unknown;</a>", "undefined entity"),
        (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "encoding"),
        (b"<?xml version='1.1'?><a/>", "XML 1.0"),
        ("<a>é</a>".encode("utf-16"), "UTF-8"),
        (b"<a>\xe9</a>", "well-formed"),
        (b"<a><p:b/></a>", "unbound prefix"),
        (b"<a>", "no element found"),
    ],
)
@pytest.mark.parametrize("size", [0, 1])
def test_what_is_not_plain_xml_is_refused_in_every_manner(data: bytes, message: str, manner: Manner, size: int) -> None:
    with pytest.raises(BrokenInput, match=message) as caught:
        fed(data, manner, size)
    assert caught.value.location.startswith("line ") is (manner.told is in_words)


def test_a_zero_byte_is_found_where_it_stands() -> None:
    with pytest.raises(BrokenInput) as caught:
        fed(b"<a>\n\n\0</a>", Manner())
    assert caught.value.location == "3:1"


def test_instructions_are_passed_over_or_refused() -> None:
    data = b"<?pi data?><a/><?pi data?>"
    assert fed(data, Manner()).names == ["a"]
    with pytest.raises(BrokenInput, match="processing instruction"):
        fed(data, Manner(refuses_instructions=True))


def test_runs_of_text_are_joined_or_kept() -> None:
    data = b"<a>1 &lt; 2\n and 3</a>"
    assert fed(data, Manner()).runs == ["1 < 2\n and 3"]
    assert fed(data, Manner(keeps_runs=True)).runs == ["1 ", "<", " 2", "\n", " and 3"]


@given(st.integers(2, 12), st.integers(1, 40))
def test_limits_hold_exactly(most: int, size: int) -> None:
    manner = Manner(Limits(10_000, most, most + 20, most, most), line_and_column)

    def attributes(count: int) -> bytes:
        return b" ".join(b"x%d=''" % number for number in range(count))

    for count, is_refused in ((most, False), (most + 1, True)):
        for data in (
            b"<a>" * count + b"</a>" * count,
            b"<a>" + b"<b></b>" * (count + 19) + b"</a>",
            b"<a>" + b"x" * count + b"</a>",
            b"<a " + attributes(count) + b"></a>",
        ):
            if is_refused:
                with pytest.raises(TooLarge):
                    fed(data, manner, size)
            else:
                assert fed(data, manner, size).ended > 0
