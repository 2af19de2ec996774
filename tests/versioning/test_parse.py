"""Reading: YAML and JSON say the same, every form lands in its field, and no text makes the reader fall over."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import BrokenInput
from versioning.blueprint import (
    AllStep,
    CallStep,
    DecideStep,
    Late,
    Place,
    Retry,
    SignRule,
    WaitStep,
)
from versioning.parse import parse_blueprint, read_blueprint
from versioning.reader import iso_duration, read_source
from versioning.source import DEPTH_MAX, SOURCE_BYTES_MAX, Mapping, Node, Scalar, Sequence

LOAN = (Path(__file__).parent / "golden" / "loan.yaml").read_text(encoding="utf-8")


def plain(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.pairs}
    return [plain(item) for item in node.items] if isinstance(node, Sequence) else (node.text, node.kind)


def without_places(text: str) -> str:
    """The value as text, places left out."""
    return re.sub(r"Place\(line=\d+, column=\d+\)", "", repr(parse_blueprint(text)))


def test_json_and_yaml_are_one_blueprint():
    assert without_places(json.dumps(yaml.safe_load(LOAN))) == without_places(LOAN)


def test_every_form_lands_in_its_field():
    blueprint = parse_blueprint(LOAN)
    officer = blueprint.step("officer")
    assert isinstance(officer, DecideStep)
    assert officer.next == (("approve", "book"), ("decline", "notice"), ("send back", "check-completeness"))
    assert officer.sign == SignRule("I decide this credit within my authority")
    assert (officer.role, officer.reason_required, officer.reason_codes) == (
        "credit-officer",
        True,
        "ecoa-adverse-action",
    )
    assert officer.deadline is not None
    assert (officer.deadline.within, officer.deadline.warn_at) == ("PT48H", 75)
    assert officer.deadline.late == (Late("PT0H", tell="team-lead"), Late("PT4H", pass_to="approve-credit"))
    assert [(duty.kind, duty.step) for duty in officer.duties] == [
        ("not initiator", None),
        ("not step", "memo"),
        ("not author of blueprint", None),
    ]
    bureau = blueprint.step("bureau")
    assert isinstance(bureau, CallStep)
    assert bureau.retry == Retry(5, "exponential", "PT2S", "PT10M")
    assert bureau.arguments == (("name", "applicant.name"), ("date_of_birth", "applicant.date_of_birth"))
    assert (bureau.hold_for, bureau.into, bureau.next) == ("credit-operations", "risk.bureau", "grade")
    wait = blueprint.step("ask-applicant")
    assert isinstance(wait, WaitStep)
    assert (wait.message, wait.key, wait.on_late) == ("documents-received", "application_number", "notice")
    assert wait.deadline is not None
    assert wait.deadline.within == "P30D"
    checks = blueprint.step("checks")
    assert checks == AllStep("checks", Place(30, 3), branches=("bureau", "sanctions"), next="route")


def test_a_property_without_a_class_has_that_of_its_object_and_the_outermost_is_confidential():
    text = LOAN.replace("booking: {type: string, class: internal}", "booking: string")
    blueprint = parse_blueprint(text)
    fields = {field.name: field for field in blueprint.data}
    assert fields["booking"].data_class == "confidential"
    assert {member.data_class for member in fields["applicant"].properties} == {"personal"}
    notes = fields["risk"].properties[2]
    assert (notes.type, notes.items.type if notes.items else None, notes.data_class) == ("list", "string", "internal")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 days", ("P30D", 2_592_000)),
        ("1 day", ("P1D", 86_400)),
        ("2 weeks", ("P14D", 1_209_600)),
        ("P2W", ("P14D", 1_209_600)),
        ("4 hours", ("PT4H", 14_400)),
        ("10 minutes", ("PT10M", 600)),
        ("2 seconds", ("PT2S", 2)),
        ("P1DT2H3M4S", ("P1DT2H3M4S", 93_784)),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P1Y", None),
        ("P1M", None),
        ("1.5 hours", None),
        ("-1 days", None),
        ("2  days", None),
        ("2 business days", None),
    ],
)
def test_durations(text, expected):
    assert iso_duration(text) == expected


@pytest.mark.parametrize(
    ("scalar", "kind"),
    [
        ("yes", "text"),
        ("on", "text"),
        ("true", "boolean"),
        ("1_000", "text"),
        ("0x1F", "integer"),
        ("012", "integer"),
        ("1:30", "text"),
        ("2026-01-01", "text"),
        ("~", "null"),
        (".5", "number"),
        ("1e3", "number"),
        ('"5"', "text"),
    ],
)
def test_plain_scalars_follow_the_yaml_core_schema(scalar, kind):
    root, _ = read_source(f"key: {scalar}")
    assert isinstance(root, Mapping)
    value = root.pairs[0][1]
    assert isinstance(value, Scalar)
    assert value.kind == kind


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text('aé"\\/\n\t😀 :{}[],', max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc é", max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), _JSON, max_size=3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_json_is_read_as_the_standard_reader_does(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    root, findings = read_source(text)
    assert findings == ()
    assert root is not None
    assert plain(root) == _kinds(value)


def _kinds(value):
    if isinstance(value, dict):
        return {key: _kinds(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_kinds(member) for member in value]
    if isinstance(value, str):
        return (value, "text")
    kind = "null" if value is None else "boolean" if isinstance(value, bool) else "integer"
    return (json.dumps(value), kind)


@pytest.mark.parametrize(
    ("text", "location", "said"),
    [
        ('{"a": 1,\n "a": 2}', "2:2", "stands twice"),
        ('{"a": [1, 2}', "1:12", "`,` or `]`"),
        ('{"a": 1} x', "1:10", "after the end"),
        ('{"a": "\\ud800"}', "1:15", "surrogate"),
        ('{"a": "\\u202e"}', "1:15", "nobody can see"),
        ('{"a": "\n"}', "1:8", "unfinished text"),
        ('{"a": nul}', "1:7", "no value"),
        ('{"a": "\\x"}', "1:8", "unknown escape"),
        ("{" + '"a":{' * DEPTH_MAX, f"1:{5 * DEPTH_MAX + 1}", "too deeply"),
        ("a: &x 1", "1:4", "anchor"),
        ("a:\n  <<: {b: 1}", "2:3", "a merge key"),
        ("a: {b: 1, <<: {c: 1}}", "1:11", "a merge key"),
        ("[" * (DEPTH_MAX + 1), f"1:{DEPTH_MAX + 1}", "too deeply"),
        ("a: \udcff", "1:4", "surrogate"),
        ("a: b\x00", "1:5", "nobody can see"),
        ("? {a: b}\n: c", "1:3", "a key that is no text"),
    ],
)
def test_what_cannot_be_read_is_placed(text, location, said):
    root, findings = read_source(text)
    assert root is None
    assert findings[0].location == location
    assert said in findings[0].line()


@pytest.mark.parametrize("text", ['{"<<": 1}', '"<<": 1', "'<<': 1"])
def test_what_stands_in_quotes_is_a_key_like_any_other(text):
    root, findings = read_source(text)
    assert findings == ()
    assert root is not None
    assert plain(root) == {"<<": ("1", "integer")}


def test_a_text_over_the_limit_is_not_looked_at():
    assert "too long" in read_source("a" * (SOURCE_BYTES_MAX + 1))[1][0].message
    assert "too long" in read_source("é" * (SOURCE_BYTES_MAX // 2 + 1))[1][0].message
    with pytest.raises(BrokenInput, match="too long"):
        parse_blueprint("#" * (SOURCE_BYTES_MAX + 1))


@given(st.integers(0, len(LOAN)), st.integers(0, 30), st.text("{}[]:,-=&*!<\"' \nabc5\t\u202e", max_size=6))
@settings(max_examples=200, deadline=None)
def test_no_change_of_the_text_makes_the_reader_fall_over(at, length, replacement):
    """Whatever is cut out and put in: a blueprint, or findings inside the text."""
    text = LOAN[:at] + replacement + LOAN[at + length :]
    parsed = read_blueprint(text)
    assert (parsed.blueprint is None) == any(finding.severity == "error" for finding in parsed.findings)
    lines = text.count("\n") + 1
    assert all(1 <= finding.place.line <= lines + 1 and finding.place.column >= 1 for finding in parsed.findings)
