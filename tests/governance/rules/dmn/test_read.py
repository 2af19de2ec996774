"""Reading: every version, what is refused and where, what is left out and told, and hostile files."""

import json

import pytest

from governance.rules.dmn.model import VERSIONS, Decision, LiteralExpression, Source
from governance.rules.dmn.read import read_model
from governance.rules.dmn.xml_in import ATTRIBUTES_MAX, BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX, TEXT_CHARS_MAX
from ledger.errors import BrokenInput, TooLarge
from tests.conftest import CASES
from tests.governance.rules.dmn.files import NEWEST, decision, dmn, given, literal

PLAIN = given("a") + decision("d", literal("a + 1"), "i_a", "number")


@pytest.mark.parametrize("namespace", VERSIONS)
def test_every_version_reads_to_the_same_model(namespace: str) -> None:
    read = read_model(dmn(PLAIN, namespace))
    assert read.findings == ()
    assert read.model is not None
    assert read.model == read_model(dmn(PLAIN)).model
    assert read.model.version == VERSIONS[namespace]
    node = read.model.node("d")
    assert isinstance(node, Decision)
    assert node.information == ("a",)
    assert node.logic == LiteralExpression(Source("a + 1"))


def test_types_of_the_first_version_have_prefixes() -> None:
    body = (
        '<itemDefinition name="grade"><typeRef>feel:number</typeRef></itemDefinition>'
        + given("a", "own:grade")
        + decision("d", literal("a", "feel:number"), "i_a", "feel:date and time")
    )
    first = next(iter(VERSIONS))
    names = 'xmlns:feel="http://www.omg.org/spec/FEEL/20140401" xmlns:own="urn:m"'
    found = read_model(dmn(body, first, names)).model
    assert found is not None
    assert found.items[0].type == "number"
    assert [node.variable.type for node in found.nodes] == ["grade", "date and time"]
    other = read_model(dmn(body.replace("own:grade", "far:grade"), first, names + ' xmlns:far="urn:far"'))
    assert other.model is None
    assert "types of other models" in other.findings[0].message


def test_names_have_single_blanks_between_their_words() -> None:
    body = PLAIN.replace('name="d"', 'name="  the \n d  "')
    found = read_model(dmn(body)).model
    assert found is not None
    assert [node.name for node in found.nodes] == ["a", "the d"]


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        ('<import name="other" namespace="urn:o" importType="x"/>', "the model", "import of `other`"),
        (decision("d", "<magic/>"), "decision `d`", "element `magic`"),
        (decision("d", "<magic xmlns='urn:x'/>"), "decision `d`", "element `magic` of urn:x"),
        (PLAIN.replace('name="d"', 'name="d" secret="1"', 1), "decision `d`", "attribute `secret`"),
        (
            decision("d", '<functionDefinition kind="Java"><context/></functionDefinition>'),
            "decision `d`",
            "kind `Java`",
        ),
        (
            decision("d", '<functionDefinition xmlns:t="urn:t" t:kind="J"><context/></functionDefinition>'),
            "decision `d`",
            "kind `J`",
        ),
        (
            decision("d", literal("1").replace("n>", 'n expressionLanguage="js">', 1)),
            "decision `d`",
            "language `js`",
        ),
        (decision("d", literal("1"), "d_x"), "decision `d`", "found `#d_x`"),
        (
            PLAIN.replace("#i_a", "urn:other#i_a"),
            "decision `d`",
            "reference `urn:other#i_a` to another model",
        ),
        (PLAIN + decision("d", literal("1")), "decision `d`", "name of its own"),
        (PLAIN.replace('id="d_d" ', ""), "decision `d`", "expected an id"),
        (decision("d", literal("1") + literal("2")), "decision `d`", "one expression"),
        (decision("d", '<decisionTable hitPolicy="BEST"><output/></decisionTable>'), "decision `d`", "hit policy"),
        (decision("d", "<context><contextEntry/></context>"), "decision `d`, result", "an expression"),
        (
            decision("d", f'<relation><column name="a"/><row>{literal("1")}{literal("2")}</row></relation>'),
            "decision `d`, row 1",
            "expected 1 expressions, found 2",
        ),
        (decision("d", "words"), "decision `d`", "found text"),
        ('<itemDefinition name="t" isCollection="maybe"/>', "type `t`", "true or false"),
        ("<itemDefinition/>", "type", "expected a name"),
        (
            '<itemDefinition name="t"><typeRef>number</typeRef><itemComponent name="c"/></itemDefinition>',
            "type `t`",
            "either",
        ),
    ],
)
def test_what_is_not_supported_refuses_the_file_and_names_its_place(body: str, path: str, message: str) -> None:
    read = read_model(dmn(body))
    assert read.model is None
    first = next(finding for finding in read.findings if finding.severity == "error")
    assert first.path == path
    assert message in first.message
    assert first.line == 2


def test_what_has_no_meaning_is_left_out_and_told() -> None:
    body = (
        '<knowledgeSource id="s" name="law"/><textAnnotation id="t"><text>note</text></textAnnotation>'
        + PLAIN.replace('id="d_d"', 'id="d_d" xmlns:t="urn:tool" t:colour="red"')
        + '<DMNDI xmlns="urn:di"><DMNDiagram/></DMNDI>'
    )
    read = read_model(dmn(body))
    assert read.model == read_model(dmn(PLAIN)).model
    assert {finding.severity for finding in read.findings} == {"warning"}
    assert sorted(finding.message for finding in read.findings) == [
        "left out: `knowledgeSource`",
        "left out: `textAnnotation`",
        "left out: attributes of urn:tool",
        "left out: diagrams",
    ]


@pytest.mark.parametrize("data", [b"", b"<", b"<a/>", b"\xff\xfe<\x00a\x00", b"<definitions/>", b"text", b"\0"])
def test_what_is_no_model_is_broken_input(data: bytes) -> None:
    with pytest.raises(BrokenInput):
        read_model(data)


DOCTYPE = '<!DOCTYPE definitions [<!ENTITY a "1">]>'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DOCTYPE.encode() + dmn(PLAIN), "no document type"),
        (b"<!DOCTYPE definitions SYSTEM 'file:///etc/passwd'>" + dmn(PLAIN), "no document type"),
        (dmn(decision("d", "<literalExpression><text>&a;</text></literalExpression>")), "well-formed"),
        (b"<?pi data?>" + dmn(PLAIN), "processing instruction"),
        (dmn(PLAIN + "<?pi data?>"), "processing instruction"),
        (b'<?xml version="1.0" encoding="UTF-16"?>' + dmn(PLAIN), "encoding"),
        (b'<?xml version="1.0" encoding="latin-1"?>' + dmn(PLAIN), "UTF-8"),
        (dmn(PLAIN).replace(b"a + 1", b"\xe4"), "well-formed"),
        (dmn("<a>" * (DEPTH_MAX + 1) + "</a>" * (DEPTH_MAX + 1)), "levels"),
        (dmn("<a " + " ".join(f'b{n}=""' for n in range(ATTRIBUTES_MAX + 1)) + "/>"), "attributes"),
        (dmn(decision("d", literal("1" * (TEXT_CHARS_MAX + 1)))), "characters"),
    ],
)
def test_hostile_files_are_refused_with_a_place(data: bytes, message: str) -> None:
    with pytest.raises(BrokenInput) as caught:
        read_model(data)
    assert message in caught.value.message
    assert caught.value.location


def test_size_is_limited_before_anything_is_read() -> None:
    with pytest.raises(TooLarge):
        read_model(b" " * (BYTES_MAX + 1))
    with pytest.raises(TooLarge):
        read_model(dmn("<a/>" * ELEMENTS_MAX))


@pytest.mark.cases
@pytest.mark.skipif(not CASES.is_dir(), reason="no published files")
def test_published_hostile_strings_are_names_and_texts_or_refused() -> None:
    strings = json.loads((CASES / "hostile-strings" / "blns.json").read_text())
    marks = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    for string in strings:
        escaped = "".join(marks.get(char, char) for char in string)
        body = f'<decision id="d" name="{escaped}"><question>{escaped}</question>{literal("1")}</decision>'
        try:
            read = read_model(dmn(body))
        except BrokenInput:
            continue
        names = [node.name for node in read.model.nodes] if read.model is not None else []
        assert names == [" ".join(string.split())] or read.model is None


def test_places_are_those_of_the_file() -> None:
    text = "a &gt; 1\n   and b"
    body = f"<decision id='d' name='d'>\n  <literalExpression><text>\n  {text}</text></literalExpression></decision>"
    found = read_model(dmn(body, NEWEST)).model
    assert found is not None
    node = found.node("d")
    assert isinstance(node, Decision)
    assert isinstance(node.logic, LiteralExpression)
    source = node.logic.source
    assert source.text == "a > 1\n   and b"
    lines = dmn(body).decode().splitlines()
    for mark, written in (("a", "a &gt;"), (">", "&gt;"), ("1", "1"), ("and", "and b"), ("b", "b<")):
        line, column = source.place(source.text.index(mark) if mark != "b" else source.text.rindex("b"))
        assert lines[line - 1][column - 1 :].startswith(written)
