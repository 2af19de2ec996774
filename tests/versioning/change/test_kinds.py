"""The kinds of this room: connector, blueprint, rule table."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.clock import Instant
from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Refusal
from ledger.work import Done
from tests.versioning.change.memory import Log
from tests.versioning.change.world import ANNA, BEN, CARA, OpenAccess, done, reviewed
from versioning import fold, service, tables
from versioning.blueprint import Blueprint, Branch, ChooseStep, DataField, DecideStep, EndStep, Place
from versioning.commands import ProposeChange, ReleaseChange
from versioning.control import Deps
from versioning.kinds import located
from versioning.kinds.blueprint import BlueprintKind, blueprint_value
from versioning.kinds.connector import check_connector, read_connector
from versioning.kinds.feed import FeedKind
from versioning.kinds.rule_table import RuleTableKind
from versioning.starts import Start

CONNECTOR = """\
connector: core-banking
title: Core banking
base_url: https://core.example.com/api/
credential: core-banking
operations:
  book_loan: {method: POST, path: /loans, time_out: 10 seconds}
  read_loan: {method: GET, path: "/loans/{loan}/parts/{part}", time_out: PT1M30S, response_bytes_max: 65536}
"""


def test_a_connector_is_read_into_its_canonical_value() -> None:
    operation = {"method": "POST", "path": "/loans", "arguments": [], "time_out_ms": 10_000}
    assert read_connector(CONNECTOR) == {
        "name": "core-banking",
        "title": "Core banking",
        "base_url": "https://core.example.com/api",
        "credential": "core-banking",
        "operations": {
            "book_loan": {**operation, "response_bytes_max": 65536},
            "read_loan": {
                "method": "GET",
                "path": "/loans/{loan}/parts/{part}",
                "arguments": ["loan", "part"],
                "time_out_ms": 90_000,
                "response_bytes_max": 65536,
            },
        },
    }
    canonical.encode(read_connector(CONNECTOR))


@pytest.mark.parametrize(
    ("before", "after", "location", "message"),
    [
        ("title: Core", "titel: Core", "2:1", "found the key `titel`"),
        ("connector: core-banking", "connector: Core Banking", "1:12", "a connector name"),
        ("connector: core-banking\n", "", "1:1", "expected `connector`"),
        ("method: POST", "method: post", "6:23", "expected one of GET"),
        ("method: POST", "methods: POST", "6:15", "found the key `methods`"),
        ("path: /loans,", "path: loans,", "6:35", "expected a path"),
        ("path: /loans,", 'path: "/loans?x=1",', "6:35", "expected a path"),
        ("path: /loans,", "path: /a/../b,", "6:35", "expected a path"),
        ("10 seconds", "10", "6:53", "expected a time"),
        ("10 seconds", "0 seconds", "6:53", "expected a time"),
        ("10 seconds", "3 minutes", "6:53", "at most 120 seconds"),
        ("PT1M30S", "PT", "7:74", "expected a time"),
        ("response_bytes_max: 65536", "response_bytes_max: many", "7:103", "number of bytes"),
        ("response_bytes_max: 65536", "response_bytes_max: 99999999", "7:103", "number of bytes"),
        ("time_out: 10 seconds", "empty: [204]", "6:50", "an `answer` beside it"),
        ("time_out: 10 seconds", "answer: {type: string}, empty: 204", "6:74", "a list of status codes"),
        ("time_out: 10 seconds", "answer: {type: string}, empty: [304]", "6:74", "a list of status codes"),
        ("time_out: 10 seconds", "answer: {type: string}, empty: []", "6:74", "a list of status codes"),
        ("https://core.example.com/api/", "ftp://core.example.com", "3:11", "expected an address"),
        ("https://core.example.com/api/", "https://core.example.com:99999/", "3:11", "expected an address"),
        ("https://core.example.com/api/", "https://[core/", "3:11", "expected an address"),
        ("https://core.example.com/api/", "https://user:word@core.example.com", "3:11", "no credentials"),
        ("https://core.example.com/api/", "https://core.example.com/?q=1", "3:11", "without query"),
        ("credential: core-banking", "credential: pass word!", "4:13", "name of a credential"),
        ("  book_loan:", "  Book:", "6:3", "operation name"),
        ("title: Core banking", "title: Core banking\ntitle: x", "3:1", "twice"),
        ("title: Core banking", "title: &x Core banking", "2:8", "no anchor"),
        ("title: Core banking", "<<: {title: Core banking}", "2:1", "the merge key"),
        ("time_out: 10 seconds", "example: {a: 1, <<: {b: 2}}", "6:59", "the merge key"),
        ("title: Core banking", "title: !!str Core banking", "2:8", "no tag"),
        ("title: Core banking", "title: [", "", "expected YAML"),
        ("title: Core banking", "? [a]\n: b", "2:3", "text key"),
    ],
)
def test_a_fault_in_a_connector_is_located(before: str, after: str, location: str, message: str) -> None:
    assert before in CONNECTOR
    with pytest.raises(BrokenInput) as fault:
        read_connector(CONNECTOR.replace(before, after, 1))
    assert message in fault.value.message
    assert not location or fault.value.location == location


def test_what_stands_in_quotes_is_a_key_like_any_other() -> None:
    source = CONNECTOR.replace("time_out: 10 seconds", """example: {"<<": 1, '=': "<<"}""", 1)
    assert read_connector(source)["operations"]["book_loan"]["example"] == {"<<": 1, "=": "<<"}


@pytest.mark.parametrize("source", ["connector: a\nbase_url: https://x\noperations: {}", "- a", "a", ""])
def test_an_empty_or_shapeless_connector_is_refused(source: str) -> None:
    with pytest.raises(BrokenInput):
        read_connector(source)


def test_plain_http_beyond_this_machine_is_a_warning() -> None:
    value = read_connector(CONNECTOR)
    assert check_connector(value) == ()
    assert check_connector({**value, "base_url": "http://127.0.0.1:9000"}) == ()
    found = check_connector({**value, "base_url": "http://core.example.com"})
    assert [(finding.rule, finding.severity) for finding in found] == [("connector.plain-http", "warning")]


@given(st.text(max_size=60) | st.text("ab:-[]{}&*!|>'\"#,? \n\t", max_size=40))
def test_reading_is_total(source: str) -> None:
    try:
        read = located.read(source)
    except BrokenInput:
        return
    assert isinstance(read, located.Located)


def test_a_document_that_would_grow_or_nest_without_end_is_refused() -> None:
    for source in ("a: &a [1]\nb: *a", "[" * 40 + "]" * 40, "[" * 5000, "a: 1\n---\nb: 2"):
        with pytest.raises(BrokenInput):
            located.read(source)


def test_scalars_read_as_they_look() -> None:
    values = located.read("[yes, 'true', true, null, 1_000, 007, 0, -12, 1.5, 2026-01-01, ~, 0x10]").value
    assert [item.value for item in values] == [
        "yes", "true", True, None, "1_000", "007", 0, -12, "1.5", "2026-01-01", "~", "0x10",
    ]  # fmt: skip


BLUEPRINT = Blueprint(
    id="loan",
    title="Loan",
    purpose="Decide",
    owner="lending",
    currency="GBP",
    data=(DataField("number", "string", "internal", required=True), DataField("note", "string")),
    start=Start("api", "role intake", "number"),
    first="route",
    steps=(
        ChooseStep("route", Place(3, 1), branches=(Branch("amount > 1", "officer"), Branch(None, "done"))),
        DecideStep(
            "officer",
            Place(4, 1),
            outcomes=("approve",),
            authority="approve-credit",
            measure="amount",
            next=(("approve", "done"),),
        ),
        EndStep("done", Place(5, 1), outcome="approved"),
    ),
)


def test_a_blueprint_has_a_canonical_value_without_places_and_defaults() -> None:
    value = blueprint_value(BLUEPRINT)
    canonical.encode(value)
    assert value["data"] == [
        {"name": "number", "type": "string", "data_class": "internal", "required": True},
        {"name": "note", "type": "string"},
    ]
    assert value["steps"][0] == {
        "step": "choose",
        "id": "route",
        "branches": [{"when": "amount > 1", "next": "officer"}, {"when": None, "next": "done"}],
    }
    assert value["steps"][2] == {"step": "end", "id": "done", "outcome": "approved"}
    moved = replace(BLUEPRINT, steps=tuple(replace(step, place=Place(9, 9)) for step in BLUEPRINT.steps))
    assert blueprint_value(moved) == value


def test_every_difference_of_a_blueprint_is_in_its_value() -> None:
    value = blueprint_value(BLUEPRINT)
    data = (replace(BLUEPRINT.data[0], required=False), BLUEPRINT.data[1])
    decided = BLUEPRINT.steps[1]
    assert isinstance(decided, DecideStep)
    decide = replace(decided, reason_required=True)
    for other in (
        replace(BLUEPRINT, owner="credit"),
        replace(BLUEPRINT, regimes=("sox-404",)),
        replace(BLUEPRINT, data=data),
        replace(BLUEPRINT, steps=(BLUEPRINT.steps[0], decide, BLUEPRINT.steps[2])),
        replace(BLUEPRINT, steps=BLUEPRINT.steps[1:]),
    ):
        assert blueprint_value(other) != value


@dataclass(frozen=True)
class Parsed:
    blueprint: Blueprint | None
    findings: tuple[Any, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A finding as the language makes it: what was expected and found stand apart."""

    rule: str
    severity: str
    message: str
    expected: str = ""
    found: str = ""
    location: str = "1:1"


class Reader:
    """Reads `loan ...` as the blueprint above, with the text as its title; checks against `findings`."""

    def __init__(self) -> None:
        self.suffix = ""
        self.findings: tuple[Finding, ...] = ()

    def __call__(self, text: str) -> Parsed:
        if not text.startswith("loan"):
            faults = (Finding("b.dull", "warning", "dull"), Finding("b.read", "error", "wrong", "`loan`", "`lone`"))
            return Parsed(None, faults)
        return Parsed(replace(BLUEPRINT, title=text + self.suffix), (), {"title": Place(1, 1)})

    def check(self, uow: Any, blueprint: Blueprint, places: Any) -> tuple[Finding, ...]:
        assert places == {"title": Place(1, 1)}
        return self.findings


@dataclass(frozen=True)
class Table:
    id: str
    title: str
    rows: list[str]


def _log(reader: Reader) -> tuple[Log, service.Versions, service.Blueprints]:
    kind = BlueprintKind(reader, reader.check)
    table = RuleTableKind(lambda text: Table("grade", "Grade", text.split()), vars)
    log = Log(
        fold.folds(),
        service.commands(Deps(service.own_kinds(kind, table, FeedKind(frozenset)), OpenAccess(), "organisation")),
        tables.TABLES,
    )
    versions = service.Versions()
    return log, versions, service.Blueprints(versions, kind)


def _release(log: Log, kind: str, source: str, base: int | None = None) -> Done:
    result = done(log.run(ANNA, ProposeChange(kind, source, base, "t", "r"))).result
    done(reviewed(log, BEN, dict(result)))
    return done(log.run(CARA, ReleaseChange(str(result["change_request"]))))


def test_a_released_blueprint_is_the_value_the_machine_runs() -> None:
    log, _, blueprints = _log(Reader())
    digest = str(_release(log, "blueprint", "loan one").result["digest"])
    _release(log, "blueprint", "loan two", 1)
    log.now = Instant(log.now + 1)
    uow = log.uow(ANNA)
    first, second = blueprints.version(uow, "loan", 1), blueprints.current(uow, "loan")
    assert first is not None
    assert second is not None
    assert (first.number, first.blueprint.title, first.digest) == (1, "loan one", digest)
    assert (first.authors, first.approvers) == (("person:anna",), ("person:ben",))
    assert (second.number, second.blueprint.title) == (2, "loan two")
    assert blueprints.by_digest(uow, digest) is blueprints.version(uow, "loan", 1)
    assert blueprints.current(uow, "none") is None
    listing = log.rows.get(tables.LISTING, "blueprint", "loan")
    assert (listing.title, listing.owner, listing.version) == ("loan two", "lending", 2)
    assert log.replayed().tables == log.rows.tables


def test_decision_steps_of_every_version_are_known() -> None:
    log, _, _ = _log(Reader())
    _release(log, "blueprint", "loan one")
    _release(log, "blueprint", "loan two", 1)
    points = service.decision_points(log.uow(ANNA))
    assert points == tuple(
        service.DecisionPoint("loan", version, "officer", "approve-credit", ("approve",)) for version in (1, 2)
    )


def test_a_blueprint_that_reads_differently_now_is_not_run() -> None:
    reader = Reader()
    log, _, blueprints = _log(reader)
    _release(log, "blueprint", "loan one")
    reader.suffix = "!"
    with pytest.raises(BrokenState):
        blueprints.current(log.uow(ANNA), "loan")


def test_an_unreadable_blueprint_is_broken_input_at_its_place() -> None:
    log, _, _ = _log(Reader())
    with pytest.raises(BrokenInput) as fault:
        log.run(ANNA, ProposeChange("blueprint", "lone", None, "t", "r"))
    assert (fault.value.location, fault.value.message) == ("1:1", "wrong; expected `loan`; found `lone`")


def test_a_rule_table_is_read_by_what_was_handed_in() -> None:
    log, versions, _ = _log(Reader())
    _release(log, "rule-table", "1 2")
    found = versions.current(log.uow(ANNA), "rule-table", "grade")
    assert found is not None
    assert found.value == {"id": "grade", "title": "Grade", "rows": ["1", "2"]}
    assert log.rows.get(tables.LISTING, "rule-table", "grade").title == "Grade"


@pytest.mark.parametrize("severity", ["error", "not run"])
def test_a_check_of_the_language_that_failed_or_was_not_run_refuses_the_proposal(severity: str) -> None:
    reader = Reader()
    log, _, _ = _log(reader)
    reader.findings = (Finding("b.role", severity, "no such role", "`clerk`", "`clark`", "4:2"),)
    answer = log.run(ANNA, ProposeChange("blueprint", "loan one", None, "t", "r"))
    assert isinstance(answer, Refusal)
    assert answer.details == (("b.role", "4:2: no such role; expected `clerk`; found `clark`"),)
    reader.findings = (Finding("b.unread", "warning", "nobody reads it"),)
    _release(log, "blueprint", "loan one")
