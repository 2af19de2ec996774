"""Sources in, canonical values out; every fault with its place."""

import pytest

from governance.grant import EVER
from governance.reading import instant_of, read_grant, read_instrument, read_office, read_revocation
from governance.source import read_yaml
from ledger import canonical
from ledger.errors import BrokenInput, TooLarge
from tests.governance.sources import GRANT, INSTRUMENT, OFFICE, REVOCATION, SUSPENSION

READERS = {
    "instrument": read_instrument,
    "authority-grant": read_grant,
    "authority-revocation": read_revocation,
    "office": read_office,
}


def test_a_grant_reads_as_written() -> None:
    artefact = read_grant(GRANT)
    assert artefact.name == "credit-officer-1-2026"
    assert artefact.value["grantee"] == "person credit-officer-1"
    assert artefact.value["limits"] == [
        {"per": "case", "currency": "GBP", "max": "100000.00", "inclusive": True, "days": 0, "outcomes": None},
        {"per": "period", "currency": "GBP", "max": "150000.00", "inclusive": True, "days": 30, "outcomes": None},
    ]
    assert artefact.value["powers"] == [
        {"decision_kind": "approve-credit", "blueprint": None, "step": None,
         "outcomes": ["approve", "decline", "send back"]}
    ]  # fmt: skip
    assert artefact.value["valid_from"] == 1_767_225_600_000_000
    assert artefact.places["limits"] == "9:9"


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("authority-grant", GRANT), ("instrument", INSTRUMENT), ("office", OFFICE),
        ("authority-revocation", REVOCATION), ("authority-revocation", SUSPENSION),
    ],
)  # fmt: skip
def test_every_value_is_canonical(kind: str, source: str) -> None:
    value = READERS[kind](source).value
    assert canonical.decode(canonical.encode(value)) == value


def test_open_ends_and_absent_members() -> None:
    assert read_office(OFFICE).value["holdings"][1]["held_to"] == EVER
    assert read_office("office: x\ntitle: X\nholders: none\n").value["holdings"] == []
    assert read_revocation(REVOCATION).value["effective_at"] == 0
    assert read_instrument(INSTRUMENT).value["document"] == ""
    text = GRANT.replace("grantor: person head-of-lending\n", "").replace("parent: head-of-lending-2026\n", "")
    root = read_grant(text.replace('conditions: ["risk.grade <= 7"]\n', "")).value
    assert (root["grantor"], root["parent"], root["conditions"]) == ("", None, [])


@pytest.mark.parametrize(
    ("old", "new", "location"),
    [
        ("authority-grant: credit-officer-1-2026", "authority-grant: Credit Officer", "1:18"),
        ("instrument: board-minute-2026-03", "instrumnet: board-minute-2026-03", "2:1"),
        ("instrument: board-minute-2026-03", "instrument:", "2:12"),
        ("instrument: board-minute-2026-03", "instrument: [a]", "2:13"),
        ("domain: lending\n", "", "1:1"),
        ("person credit-officer-1", "credit-officer-1", "4:10"),
        ("person credit-officer-1", "team credit-officer-1", "4:10"),
        ("grantor: person head-of-lending\n", "", "5:9"),
        ('"100000.00"', '"1e5"', "10:37"),
        ('"100000.00"', "-5", "10:37"),
        ('"100000.00"', "1" * 31, "10:37"),
        ("per: case", "per: moon", "10:11"),
        ("per: 30 days", "per: case", "11:5"),
        ("per: 30 days", "per: 99999 days", "11:11"),
        ("currency: GBP, max: \"100000.00\"", "currency: pounds, max: \"100000.00\"", "10:27"),
        ("inclusive: true", "inclusive: maybe", "10:61"),
        ("decision: approve-credit, outcomes", "decision: approve-credit, step: decision, outcomes", "8:43"),
        ("outcomes: [approve, decline, send back]", "outcomes: [approve, approve]", "8:47"),
        ("outcomes: [approve, decline, send back]", "outcomes: []", "8:47"),
        ("from: 2026-01-01T00:00:00Z", "from: 2026-01-01", "13:15"),
        ("from: 2026-01-01T00:00:00Z", "from: 2026-01-01T00:00:00", "13:15"),
        ("from: 2026-01-01T00:00:00Z", "from: 2026-02-30T00:00:00Z", "13:15"),
        ("to: 2027-01-01T00:00:00Z", "to: 2026-01-01T00:00:00Z", "13:41"),
        ("domain: lending", "domain: !!binary lending", "7:9"),
        ("domain: lending", "domain: &a lending", "7:9"),
        ("domain: lending", "domain: lending\ndomain: lending", "8:1"),
        ("domain: lending", "domain: [lending", "8:7"),
        ("domain: lending", "domain: \x07", ""),
        ("domain: lending", "domain: ~", "7:9"),
        ("domain: lending", "domain: " + "[" * 20, "7:24"),
        ("domain: lending", "domain: " + "a" * 2001, "7:9"),
        ("powers: ", "powers: x # ", "8:9"),
    ],
)  # fmt: skip
def test_faults_are_located(old: str, new: str, location: str) -> None:
    assert old in GRANT
    with pytest.raises(BrokenInput) as caught:
        read_grant(GRANT.replace(old, new, 1))
    assert caught.value.location == location


@pytest.mark.parametrize(
    ("kind", "source", "old", "new"),
    [
        ("authority-revocation", REVOCATION, "action: revoke", "action: forget"),
        ("authority-revocation", REVOCATION, "action: revoke", "action: revoke\nto: 2027-01-01T00:00:00Z"),
        ("authority-revocation", SUSPENSION, "to: 2027", "to: 2020"),
        ("office", OFFICE, "to: 2026-06-01T12:00:00Z", "to: 2025-06-01T12:00:00Z"),
        ("instrument", INSTRUMENT, "issued-on: 2026-03-01", "issued-on: March"),
        ("instrument", INSTRUMENT, "number:", "document: abc\nnumber:"),
    ],
)
def test_faults_of_the_other_kinds(kind: str, source: str, old: str, new: str) -> None:
    assert old in source
    with pytest.raises(BrokenInput):
        READERS[kind](source.replace(old, new, 1))


@pytest.mark.parametrize("source", ["", "[]", "text", "---\na: 1\n---\nb: 2\n", "%YAML 1.1\n---\na: b\n", "a: *b"])
def test_what_is_no_mapping_is_refused(source: str) -> None:
    with pytest.raises(BrokenInput):
        read_yaml(source).record(("a",))


def test_a_source_has_a_size() -> None:
    with pytest.raises(TooLarge):
        read_yaml("a" * (64 * 1024 + 1))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("2026-03-29T02:30:00+01:00", 1_774_747_800_000_000),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01T24:00:01Z", None),
        ("yesterday", None),
    ],
)
def test_instants_keep_their_offset(text: str, instant: int | None) -> None:
    assert instant_of(text) == instant
