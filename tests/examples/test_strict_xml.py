"""The guarded parser: what it refuses, where it says so, and that its limits stop it while reading."""

import pytest

from examples.invoices.read import read_invoice, read_order
from examples.strict_xml import Limits, read
from ledger.errors import BrokenInput, TooLarge

HEAD = b"<?xml version='1.0' encoding='UTF-8'?>"


def test_a_document_type_is_refused_by_every_reader_with_its_place_in_words() -> None:
    for reader in (read_invoice, read_order):
        with pytest.raises(BrokenInput, match="document type") as caught:
            reader(HEAD + b"\n<!DOCTYPE a><a/>")
        assert caught.value.location.startswith("line 2")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"<!DOCTYPE a><a/>", "document type"),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'><a/>", "document type"),
        (b"<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a/>", "document type"),
        (b"<a>&unknown;</a>", "undefined entity"),
        (b"<a><b></a>", "mismatched tag"),
        (b"<a/><b/>", "junk after document element"),
        (b"", "no element found"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a/>", "encoding"),
        (b"<?xml version='1.0' encoding='latin-1'?><a>\xe9</a>", "encoding"),
        ("<a>é</a>".encode("utf-16"), "UTF-8"),
        ("<a>é</a>".encode("utf-16-be"), "UTF-8"),
        (b"<a>\xe9</a>", "well-formed"),
        (b"<?xml version='1.1'?><a/>", "XML 1.0"),
        (b"<a><p:b/></a>", "unbound prefix"),
        (b"<a b='1' b='2'/>", "duplicate attribute"),
    ],
)
def test_what_is_not_plain_xml_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BrokenInput, match=message):
        read(data)


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (b"<a>" * 11, Limits(depth_max=10)),
        (b"<a>" + b"<b/>" * 11, Limits(elements_max=10)),
        (b"<a>" + b"x" * 20_000, Limits(text_chars_max=10)),
        (b"<a " + b" ".join(b"x%d=''" % n for n in range(11)) + b">", Limits(attributes_max=10)),
        (b" " * 11 + b"<a>", Limits(size_bytes_max=10)),
    ],
)
def test_limits_stop_the_parser_before_the_document_ends(data: bytes, limits: Limits) -> None:
    # None of these is ever closed: a reader that looked at the limits afterwards would complain of that instead.
    with pytest.raises(TooLarge):
        read(data, limits)


def test_the_five_entities_and_character_references_are_read() -> None:
    assert read(b"<a>&lt;&gt;&amp;&quot;&apos;&#233;<!-- dropped -->!</a>").text == "<>&\"'é!"


def test_places_name_line_and_position_among_like_siblings() -> None:
    root = read(HEAD + b"\n<n:a xmlns:n='u'>\n<b/>\n<b><c/></b></n:a>")
    assert (root.name, root.local) == ("u a", "a")
    inner = root.children[1].children[0]
    assert str(inner.place) == "line 4, /a/b[2]/c"
