"""Checks against registers, and what is reported where there are none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from versioning.blueprint import DataField
from versioning.data_fields import TypeName
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.files import check_file
from versioning.finding import errors_of
from versioning.registers import Committee, Operation, People, Registers, Running, Table
from versioning.words import words_text

LOAN = (Path(__file__).parent / "golden" / "loan.yaml").read_text(encoding="utf-8")
ROLES = frozenset(
    ("lending-operations", "loan-intake", "credit-operations", "credit-analyst", "credit-officer", "team-lead")
)
PERSONS = {
    "loan-intake": frozenset(("person:ines", "person:ivan")),
    "credit-analyst": frozenset(("person:anna", "person:olga")),
}
DECIDERS = {
    "clear-sanctions-hit": frozenset(("person:carl",)),
    "approve-credit": frozenset(("person:olga", "person:otto")),
    "approve-credit-high": frozenset(("person:hans",)),
}


def field(name: str, kind: TypeName = "string", **more: Any) -> DataField:
    return DataField(name, kind, "internal", **more)


BRINGS = {"amount: = amount}, into: booking,": "amount: = amount}, bring: {risk.grade: amount}, into: booking,"}
SECRET = DataField("amount", "integer", "confidential", required=True)
REGISTERS = Registers(
    roles=ROLES,
    decision_kinds=frozenset(DECIDERS),
    operations={
        "credit-bureau.fetch_report": Operation((field("name"), field("date_of_birth", "date")), field("", "object")),
        "letters.adverse_action": Operation((field("application", required=True),)),
        "letters.confirmation": Operation(),
    },
    tables={
        "application-complete": Table((field("amount", "money"), field("applicant", "object")), field("", "boolean")),
        "risk-grade": Table((field("bureau", "object"),), field("", "integer")),
    },
    blueprints={"loan-booking": (field("application", required=True), field("amount", "money", required=True))},
    running={"loan-booking": Running("instance")},
    reason_codes=frozenset(("ecoa-adverse-action",)),
    may_read=lambda role, data_class: True,
    people=People(
        lambda kind, role: DECIDERS.get(kind, frozenset()),
        lambda role: PERSONS.get(role, frozenset()),
        frozenset(("person:author",)),
    ),
)


def found(registers: Registers, text: str = LOAN) -> list[tuple[str, str, str]]:
    return [(item.rule, item.severity, item.location) for item in check_file(text, registers).findings]


def test_a_blueprint_that_fits_its_registers_has_no_findings():
    assert check_file(LOAN, REGISTERS).findings == ()


def test_without_registers_what_was_not_run_is_said_and_nothing_else():
    report = check_file(LOAN)
    assert report.ok
    assert {(item.rule, item.severity) for item in report.findings} == {
        (f"register.{name}", "not run")
        for name in (
            "roles", "decision-kinds", "operations", "tables", "blueprints", "runs", "reason-codes", "classes",
            "people",
        )
    }  # fmt: skip
    assert all(line.startswith("not run: ") for line in report.lines("loan.yaml"))


def test_what_the_findings_come_to_is_said_in_one_line() -> None:
    assert check_file(LOAN, REGISTERS).summary() == "no errors"
    assert check_file(LOAN).summary() == "no errors, 9 checks not run"
    broken = LOAN.replace("{approve: book,", "{approve: boook,")
    assert broken != LOAN
    assert check_file(broken, REGISTERS).summary() == "2 errors, 1 check not run"
    unclear = replace(REGISTERS, decision_kinds=frozenset(DECIDERS) - {"clear-sanctions-hit"})
    assert check_file(LOAN, unclear).summary() == "1 error"


def test_a_role_that_does_not_exist_is_not_told_again_by_what_it_may_not_read() -> None:
    """What follows from a fault is no finding of its own; that of a role that exists stays one."""

    def may_read(role: str, data_class: str) -> bool:
        return role != "credit-officer"

    strict = replace(REGISTERS, may_read=may_read)
    assert {rule for rule, _, _ in found(strict)} == {"shows.class"}
    assert REGISTERS.roles is not None
    gone = replace(strict, roles=REGISTERS.roles - {"credit-officer"})
    assert {rule for rule, _, _ in found(gone)} == {"reference"}


BY_MESSAGE = LOAN.replace("start: {by: api,", "start: {by: message, message: applied,")


def test_a_message_starts_one_blueprint():
    assert BY_MESSAGE != LOAN
    loan = check_file(LOAN).blueprint
    assert loan is not None
    name = loan.id
    assert ("register.starts", "not run", "1:1") in found(REGISTERS, BY_MESSAGE)
    for starts, expected in (({}, []), ({"applied": name, "other": "x"}, []), ({"applied": "x"}, ["start.message"])):
        registers = replace(REGISTERS, starts=starts)
        assert [rule for rule, _, _ in found(registers, BY_MESSAGE)] == expected


def test_without_expressions_their_checks_are_not_run():
    report = check_file(LOAN, REGISTERS, expressions=None)
    assert [(item.rule, item.severity) for item in report.findings] == [("expression", "not run")]


@pytest.mark.parametrize("missing", sorted(ROLES))
def test_a_role_that_does_not_exist_is_found_where_it_is_named(missing):
    report = check_file(LOAN, replace(REGISTERS, roles=ROLES - {missing}))
    places = {item.location for item in errors_of(report.findings)}
    assert {item.rule for item in report.findings} == {"reference"}
    lines = LOAN.splitlines()
    for place in places:
        line, column = map(int, place.split(":"))
        assert lines[line - 1][column - 1 :].removeprefix("role ").startswith(missing)


@pytest.mark.parametrize(
    ("change", "text", "rule", "said"),
    [
        ({"decision_kinds": frozenset(("approve-credit", "approve-credit-high"))}, {}, "reference", "decision kind"),
        ({"reason_codes": frozenset()}, {}, "reference", "reason codes"),
        ({"operations": {}}, {}, "reference", "connector operation"),
        ({"tables": {}}, {}, "reference", "rule table"),
        ({"blueprints": {}}, {}, "reference", "blueprint"),
        (
            {},
            {"with: {name: = applicant.name, date_of_birth": "with: {nam: = applicant.name, date_of_birth"},
            "argument",
            "`nam`",
        ),
        ({}, {"date_of_birth: = applicant.date_of_birth": "date_of_birth: = amount"}, "argument", "money"),
        (
            {},
            {", with: {application: = application_number}, next: declined": ", next: declined"},
            "argument",
            "hand over",
        ),
        (
            {},
            {"with: {application: = application_number, amount: = amount}": "with: {amount: = amount}"},
            "argument",
            "`application`",
        ),
        ({}, {"into: complete,": "into: booking,"}, "result", "boolean"),
        ({}, {"run: loan-booking": "run: loan-origination"}, "run.itself", "never end"),
        ({}, BRINGS, "run.bring", "does not give `amount`"),
        (
            {"running": {"loan-booking": Running("api", (), ("amount", "total"))}},
            BRINGS,
            "run.bring",
            "the result money",
        ),
        (
            {
                "blueprints": {"loan-booking": (field("application", required=True), SECRET)},
                "running": {"loan-booking": Running("api", (), ("amount",))},
            },
            BRINGS,
            "run.class",
            "more openly",
        ),
        ({"running": {"loan-booking": Running("schedule")}}, {}, "run.start", "starts by schedule alone"),
        ({"running": {"loan-booking": Running("message")}}, {}, "run.start", "starts by message alone"),
        (
            {
                "running": {
                    "loan-booking": Running("api", ("archiving", "posting")),
                    "archiving": Running("instance", ("posting",)),
                    "posting": Running("instance", ("loan-origination",)),
                }
            },
            {},
            "run.cycle",
            "`loan-origination` runs `loan-booking`, which runs `posting`, which runs `loan-origination`",
        ),
        (
            {"tables": {**(REGISTERS.tables or {}), "application-complete": Table((field("amonut", "money"),))}},
            {},
            "rules.input",
            "amonut",
        ),
        (
            {"tables": {**(REGISTERS.tables or {}), "application-complete": Table((field("amount", "date"),))}},
            {},
            "rules.input",
            "date",
        ),
        ({"may_read": lambda role, data_class: data_class != "personal"}, {}, "shows.class", "credit-officer"),
    ],
)
def test_what_does_not_fit_the_registers_is_an_error(change, text, rule, said):
    source = LOAN
    for old, new in text.items():
        assert old in source
        source = source.replace(old, new)
    errors = errors_of(check_file(source, replace(REGISTERS, **change)).findings)
    assert rule in {item.rule for item in errors}
    assert any(said in item.line() for item in errors)


def with_deciders(authors: tuple[str, ...] = (), **kinds: tuple[str, ...]) -> Registers:
    deciders = {**DECIDERS, **{kind.replace("_", "-"): frozenset(some) for kind, some in kinds.items()}}
    people = People(lambda kind, role: deciders[kind], lambda role: PERSONS.get(role, frozenset()), frozenset(authors))
    return replace(REGISTERS, people=people)


@pytest.mark.parametrize(
    ("registers", "steps"),
    [
        (with_deciders(), 0),
        (with_deciders(approve_credit=()), 1),
        # The only officer is the only one who could also have written the memo: somebody else can write it.
        (with_deciders(approve_credit=("person:olga",)), 0),
        (with_deciders(approve_credit=("person:otto",), authors=("person:otto",)), 1),
        # Who takes the one decision is barred from the other, and there is nobody else for either.
        (with_deciders(approve_credit_high=("person:carl",)), 1),
        (with_deciders(approve_credit_high=("person:carl", "person:hans")), 0),
    ],
)
def test_somebody_not_excluded_by_the_duties_could_decide_today(registers, steps):
    errors = errors_of(check_file(LOAN, registers).findings)
    assert [item.rule for item in errors] == ["decision.nobody"] * steps


def test_an_unread_result_is_a_warning_and_keeps_nothing_back():
    text = LOAN.replace("{booking: = booking}", "{booking: = application_number}")
    report = check_file(text, REGISTERS)
    assert report.ok
    assert [(item.rule, item.severity) for item in report.findings] == [("data.unread", "warning")]


def test_a_rule_table_whose_inputs_are_not_known_may_read_everything():
    text = LOAN.replace("{booking: = booking}", "{booking: = application_number}")
    assert "data.unread" not in {item.rule for item in check_file(text).findings}


VOTED = LOAN.replace(
    "duties: [not initiator, not step compliance]\n", "duties: [not initiator, not step compliance]\n    QUORUM\n"
)
THREE = frozenset(("person:a", "person:b", "person:c"))


def voted(quorum: str, **change: Any) -> list[tuple[str, str]]:
    deciders = {**DECIDERS, "approve-credit-high": THREE}
    people = People(lambda kind, role: deciders[kind], lambda role: PERSONS.get(role, frozenset()))
    registers = replace(REGISTERS, people=people, committees={"credit": Committee(THREE, frozenset(("person:a",)))})
    report = check_file(VOTED.replace("QUORUM", f"quorum: {quorum}"), replace(registers, **change))
    return [(item.rule, item.severity) for item in report.findings]


@pytest.mark.parametrize(
    ("quorum", "change", "found"),
    [
        ("{of: committee credit, need: 3, veto: chair, tie: fails}", {}, []),
        ("{need: 3, tie: fails}", {}, []),
        ("{need: 4, tie: fails}", {}, [("quorum.members", "error")]),
        ("{of: committee other, need: 3, tie: fails}", {}, [("reference", "error")]),
        (
            "{of: committee credit, need: 3, tie: fails}",
            {"committees": {"credit": Committee(THREE - {"person:a"})}},
            [("quorum.members", "error")],
        ),
        (
            "{of: committee credit, need: 3, veto: chair, tie: fails}",
            {"committees": {"credit": Committee(THREE, frozenset(("person:z",)))}},
            [("quorum.chair", "warning")],
        ),
        ("{of: committee credit, need: 3, tie: fails}", {"committees": None}, [("register.committees", "not run")]),
        ("{of: committee credit, need: 3}", {}, [("quorum.tie", "warning")]),
    ],
)
def test_a_quorum_needs_members_enough_and_somebody_in_the_chair(quorum, change, found):
    assert voted(quorum, **change) == found


@pytest.mark.parametrize(
    ("quorum", "words"),
    [
        (
            "{of: committee credit, need: 3, veto: chair, tie: fails}",
            "The credit committee decides approve or decline: three of its members must agree, and the chair may veto. "
            "Each person votes once, under an authority for approve credit high whose limit covers the amount. "
            "A vote of the chair for decline ends it so. "
            "When no outcome can get enough votes any more, it is decided decline.",
        ),
        (
            "{need: 2}",
            "Those who may decide it vote on approve or decline: two of them must agree. "
            "Each person votes once, under an authority for approve credit high whose limit covers the amount. "
            "When no outcome can get enough votes any more, an incident is raised.",
        ),
    ],
)
def test_the_words_of_a_quorum(quorum, words):
    report = check_file(VOTED.replace("QUORUM", f"quorum: {quorum}"))
    assert report.blueprint is not None
    assert words in words_text(report.blueprint)


def test_a_lower_quorum_is_told_by_a_comparison():
    three, two = (
        check_file(VOTED.replace("QUORUM", f"quorum: {{of: committee credit, need: {need}, tie: fails}}")).blueprint
        for need in (3, 2)
    )
    assert three is not None
    assert two is not None
    lines = [line for line in diff_words(diff(three, two)) if "how many must agree" in line]
    assert len(lines) == 1
    assert "three of its members" in lines[0].partition("is now")[0]
    assert "two of its members" in lines[0].partition("is now")[2]


def test_reasons_by_outcome_are_told_in_words():
    text = VOTED.replace("QUORUM", "reason: {required: true, codes: {decline: ecoa-adverse-action}}")
    report = check_file(text, REGISTERS)
    assert report.blueprint is not None
    assert "They must give a reason, from the list ecoa adverse action on decline." in words_text(report.blueprint)
    assert ("reference", "error") in [
        (item.rule, item.severity) for item in check_file(text, replace(REGISTERS, reason_codes=frozenset())).findings
    ]
