"""The room through its door: sources released, decisions named, judged, recorded, and rows that were edited."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from governance.decision import Decision
from governance.entries import KINDS
from governance.grant import DAY
from governance.service import (
    Duty,
    DutyFacts,
    commands,
    decision_reads,
    folds,
    person_of,
)  # fmt: skip
from governance.tables import DECISION, GRANT, OFFICE_HOLDER, PERIOD_USAGE, REGISTER, TABLES, metadata
from ledger import canonical
from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.clock import Instant
from ledger.errors import BrokenInput, BrokenState
from ledger.ids import ActorId, PersonId
from tests.governance.bank import HANDLES, OFFICER, ORDER, Bank, Release
from tests.governance.lending import NOW, reason
from tests.governance.memory import Log, Work, person
from tests.governance.sources import GRANT as OFFICER_SOURCE
from tests.governance.sources import HEAD_GRANT, INSTRUMENT, REVOCATION, SUSPENSION
from tests.governance.sources import OFFICE as OFFICE_SOURCE


@pytest.fixture
def bank() -> Iterator[Bank]:
    made = Bank()
    for kind, source in ORDER:
        made.release(kind, source)
    yield made
    made.log.close()


def test_released_sources_decide(bank: Bank) -> None:
    judged = bank.ask("100000.00")
    assert isinstance(judged, Decision)
    assert [grant.name for grant in judged.chain] == ["credit-officer-1-2026", "head-of-lending-2026"]
    assert reason(bank.ask("100000.01")) == "LIMIT_CASE"
    bank.grades["risk.grade <= 7"] = False
    assert reason(bank.ask()) == "CONDITION_FAILED"


def test_entries_state_the_register_and_prints_back(bank: Bank) -> None:
    register = bank.authorities.register(Work(bank.log, SYSTEM))
    assert bank.log.entries[-1].payload["register_digest"] == register.digest
    assert bank.log.rows(REGISTER) == [("authority", register.digest, 3)]
    for entry in bank.log.entries:
        assert canonical.digest(entry.payload["value"]) == entry.payload["digest"]
    assert {row[3] for row in bank.log.rows(OFFICE_HOLDER)} == {"person:head-of-lending", "person:next-head"}
    assert "credit-officer-1" in bank.log.rows(GRANT)[1][3]


def test_two_decisions_one_after_another_share_the_period(bank: Bank) -> None:
    assert bank.take("pi_1.1", "100000.00") == ""
    assert bank.take("pi_2.1", "50000.01") == "LIMIT_PERIOD"
    assert bank.take("pi_3.1", "50000.00") == ""
    assert bank.take("pi_4.1", "0.01") == "LIMIT_PERIOD"
    (row,) = bank.log.rows(PERIOD_USAGE)
    assert row[4] == "150000.00"
    assert [decision[0] for decision in bank.log.rows(DECISION)] == ["pi_1.1", "pi_3.1"]
    bank.log.now = Instant(bank.log.now + 30 * DAY)
    assert bank.take("pi_5.1", "0.01") == ""


def test_a_recorded_decision_says_what_it_rests_on(bank: Bank) -> None:
    facts = DutyFacts(initiator="person:clerk")
    assert bank.take("pi_1.1", "75000.00", duties=(Duty("not initiator"),), facts=facts) == ""
    entry = bank.log.entries[-1]
    judged = bank.ask()
    assert isinstance(judged, Decision)
    assert entry.payload["decision"]["measure"] == {"amount": "75000.00", "currency": "GBP"}
    assert entry.payload["decision"]["headroom"] == "25000.00"
    assert entry.payload["decision"]["duties"] == ["not initiator"]
    assert entry.payload["decision"]["conditions"] == ["risk.grade <= 7"]
    assert entry.basis["grants"] == [judged.grant.id]
    assert entry.basis["chain"] == [[grant.id, 1, grant.digest] for grant in judged.chain]
    assert entry.basis["register"] == judged.register_digest
    (row,) = bank.log.rows(DECISION)
    assert row[1:] == ("person:credit-officer-1", None, judged.grant.id, 1, "lending", "approve-credit", "approve",
                       "75000.00", "GBP", NOW, entry.index)  # fmt: skip


def test_a_decision_without_measure_or_limit_is_recorded(bank: Bank) -> None:
    free = HEAD_GRANT.replace("head-of-lending-2026", "waiver").replace("approve-credit", "waive-fee")
    bank.release("authority-grant", free[: free.index("limits")] + "limits: none\n" + free[free.index("valid") :])
    members = {"decision_kind": "waive-fee", "step": "waiver", "outcome": "waive", "measure": None}
    assert bank.take("pi_1.1", "0", person("head-of-lending"), **members) == ""
    (row,) = bank.log.rows(DECISION)
    assert row[8:10] == (None, "")
    assert bank.log.entries[-1].basis["limit"] is None


@pytest.mark.parametrize(
    "actor",
    [
        SYSTEM,
        Actor(ActorId("svc:x"), ActorKind.SERVICE, method="api-key"),
        Actor(ActorId("agent:x"), ActorKind.AGENT, method="api-key"),
        replace(OFFICER, method="api-key"),
        replace(OFFICER, person=None),
    ],
)
def test_keys_services_and_agents_do_not_decide(bank: Bank, actor: Actor) -> None:
    assert person_of(actor) is None
    assert reason(bank.ask(actor=actor, person="person:credit-officer-1")) == "NOT_A_PERSON"


def test_a_second_account_is_the_same_person(bank: Bank) -> None:
    second = person("credit-officer-1", account="other-account")
    assert bank.take("pi_1.1", "100000.00") == ""
    assert bank.take("pi_2.1", "100000.00", second) == "LIMIT_PERIOD"
    duties, facts = (Duty("not initiator"),), DutyFacts(initiator="person:credit-officer-1")
    assert reason(bank.ask("1", second, duties=duties, facts=facts)) == "SOD"
    absent = replace(
        second, on_behalf_of=PersonId("person:credit-officer-1"), person=PersonId(HANDLES["head-of-lending"])
    )
    assert reason(bank.ask("1", absent, duties=duties, facts=facts)) == "SOD"


def test_suspension_lifting_and_revocation(bank: Bank) -> None:
    suspended = bank.release("authority-revocation", SUSPENSION)
    assert (reason(bank.ask()), bank.taken_up()) == ("SUSPENDED", "SUSPENDED")
    assert suspended.payload["value"]["effective_at"] == NOW  # written as of January, in force from its release
    assert "$commitment" in suspended.payload["reason"]
    assert "parental" not in str(suspended.payload)
    bank.log.now = Instant(bank.log.now + 1)
    bank.release("authority-revocation", SUSPENSION.replace("to: 2027-01-01", "to: 2026-01-02"), version=2)
    assert reason(bank.ask()) == ""
    assert bank.taken_up() == ""
    bank.release("authority-revocation", REVOCATION)
    assert (reason(bank.ask()), bank.taken_up()) == ("REVOKED", "REVOKED")
    assert bank.check("authority-revocation", REVOCATION)["revoked"] == "error"
    assert bank.check("authority-grant", OFFICER_SOURCE)["revoked"] == "error"


def test_an_office_changes_hands_in_one_instant(bank: Bank) -> None:
    change = 1_780_315_200_000_000  # 2026-06-01T12:00:00Z
    for now, told in [(change - 1, ("", "NOT_YET_VALID")), (change, ("EXPIRED", ""))]:
        bank.log.now = Instant(now)
        actors = (person("head-of-lending"), person("next-head"))
        assert tuple(reason(bank.ask("400000", actor)) for actor in actors) == told


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("authority_grant", "value", "replace(value, '100000.00', '900000.00')"),
        ("authority_grant", "digest", "'x'"),
        ("authority_grant", "value", "'{}'"),
        ("authority_grant", "value", "'[]'"),
        ("authority_grant", "value", "'{'"),
        ("instrument", "value", "replace(value, 'board', 'bored')"),
        ("office", "value", "replace(value, 'next-head', 'credit-officer-1')"),
        ("authority_register", "digest", "'x'"),
    ],
)
def test_an_edited_row_is_refused_at_use(bank: Bank, table: str, column: str, value: str) -> None:
    bank.authorities = bank.door()  # a process that has not loaded the register yet
    bank.log.sql.execute(f"UPDATE {table} SET {column} = {value}")
    assert reason(bank.ask()) == "STALE_POLICY"


def test_rows_that_were_rehashed_or_removed_are_refused_at_use(bank: Bank) -> None:
    assert bank.taken_up() == ""
    bank.release("authority-revocation", REVOCATION)
    assert (reason(bank.ask()), bank.taken_up()) == ("REVOKED", "REVOKED")
    bank.log.sql.execute("DELETE FROM grant_status")
    assert reason(bank.ask()) == "REVOKED"  # what is loaded is right already
    bank.authorities = bank.door()
    assert reason(bank.ask()) == "STALE_POLICY"
    bank.log.sql.execute("DELETE FROM authority_register")
    with pytest.raises(BrokenState):
        bank.authorities.register(Work(bank.log, SYSTEM))


def test_a_head_row_that_was_rewritten_is_held_against_its_entry(bank: Bank) -> None:
    recorded = lambda rows, index: bank.log.entries[index].payload  # noqa: E731  # a wire, as short as it is
    bank.authorities = bank.door(recorded)
    assert reason(bank.ask()) == ""
    bank.release("authority-revocation", REVOCATION)
    before = bank.log.entries[-2].payload["register_digest"]
    bank.log.sql.execute("DELETE FROM grant_status")
    bank.log.sql.execute("UPDATE authority_register SET digest = ?", (before,))
    bank.authorities = bank.door(recorded)
    assert reason(bank.ask()) == "STALE_POLICY"


def test_a_broken_total_is_refused(bank: Bank) -> None:
    bank.take("pi_1.1", "1")
    for total in ("NaN", "lots"):
        bank.log.sql.execute("UPDATE period_usage SET total = ?", (total,))
        assert reason(bank.ask()) == "STALE_POLICY"


def test_the_snapshot_is_built_once_and_again_when_rows_change(bank: Bank) -> None:
    bank.ask()
    built = bank.built
    bank.ask()
    bank.log.epoch += 1  # somebody released something that leaves the rows as they are
    bank.ask()
    assert bank.built == built
    bank.released = {}
    bank.log.epoch += 1
    assert reason(bank.ask()) == "WRONG_POWER"
    assert bank.built == built + 1
    assert bank.authorities.compiled(Work(bank.log, SYSTEM)).policy == ()


def test_an_empty_register_grants_nothing() -> None:
    bank = Bank()
    assert reason(bank.ask()) == "NO_GRANT"
    bank.log.close()


@pytest.mark.parametrize(
    ("old", "new", "rule", "severity"),
    [
        ("instrument: board-minute-2026-03", "instrument: none-such", "unknown-reference", "error"),
        ("person credit-officer-1", "person nobody", "unknown-reference", "error"),
        ("person credit-officer-1", "office nobody", "unknown-reference", "error"),
        ("grantor: person head-of-lending", "grantor: person nobody", "unknown-reference", "error"),
        ("parent: head-of-lending-2026", "parent: nothing", "unknown-reference", "error"),
        ("person credit-officer-1", "person head-of-lending", "chain", "error"),
        ("grantor: person head-of-lending", "grantor: person next-head", "chain", "error"),
        ('"100000.00"', '"500000.01"', "chain", "error"),
        ("domain: lending", "domain: treasury", "chain", "error"),
        ("to: 2027-01-01", "to: 2027-01-02", "chain", "error"),
        ("to: 2027-01-01", "to: 2026-02-01", "ended", "error"),
        ("risk.grade <= 7", "risk.grade <=", "condition", "error"),
        ("domain: lending", "domain: lending", "backdated", "warning"),
        ("decision: approve-credit, ", "decision: approve-credit, blueprint: other, ", "no-step", "warning"),
    ],
)
def test_checks_of_a_grant(bank: Bank, old: str, new: str, rule: str, severity: str) -> None:
    assert old in OFFICER_SOURCE
    source = OFFICER_SOURCE.replace("credit-officer-1-2026", "another").replace(old, new, 1)
    assert bank.check("authority-grant", source)[rule] == severity


def test_amendments_keep_grantee_and_domain_and_name_lost_children(bank: Bank) -> None:
    other = HEAD_GRANT.replace("office head-of-lending", "person next-head")
    assert bank.check("authority-grant", other)["amended"] == "error"
    tighter = HEAD_GRANT.replace('"500000.00"', '"1.00"')
    assert bank.check("authority-grant", tighter)["child-outside"] == "warning"
    bank.release("authority-grant", tighter, version=2)
    assert reason(bank.ask("1.00")) == "CHAIN_BROKEN"
    assert len({row[0] for row in bank.log.rows(GRANT)}) == 2  # the amendment keeps the grant's id


def test_what_a_check_finds_of_one_draft_does_not_stick_to_the_next(bank: Bank) -> None:
    for amount, broken in [('"500000.01"', True), ('"400000.00"', False), ('"500000.01"', True)]:
        assert ("chain" in bank.check("authority-grant", OFFICER_SOURCE.replace('"100000.00"', amount))) is broken


def test_checks_of_the_other_kinds(bank: Bank) -> None:
    assert bank.check("authority-revocation", REVOCATION.replace("credit-officer-1-2026", "x")) == {
        "unknown-reference": "error"
    }
    assert bank.check("authority-revocation", SUSPENSION)["retroactive"] == "warning"
    assert (
        bank.check("authority-revocation", SUSPENSION.replace("to: 2027-01-01", "to: 2026-01-02"))["ended"] == "error"
    )
    bank.release("authority-revocation", SUSPENSION)
    moved = SUSPENSION.replace("grant: credit-officer-1-2026", "grant: head-of-lending-2026")
    assert bank.check("authority-revocation", moved)["other-grant"] == "error"
    assert bank.check("office", OFFICE_SOURCE.replace("next-head", "nobody"))["unknown-reference"] == "error"
    both = OFFICE_SOURCE.replace("from: 2026-06-01", "from: 2026-05-01")
    assert bank.check("office", both) == {"two-holders": "warning"}
    name = OFFICE_SOURCE.partition("\n")[0]
    assert bank.check("office", both.replace(name, "office: committee-credit")) == {}
    assert bank.check("office", both.replace(name, "office: committee-credit-chair")) == {"two-holders": "warning"}
    assert bank.check("instrument", INSTRUMENT) == {}


def test_nothing_is_retired_and_nothing_unresolved_is_released(bank: Bank) -> None:
    uow = Work(bank.log, SYSTEM)
    for owner in bank.authorities.kinds():
        retired: Any = Release("cr_1", "x", 2, "d", {"retired": True})
        assert [finding.rule for finding in owner.check(uow, retired)] == ["not-retirable"]
    sources = {
        "authority-grant": OFFICER_SOURCE.replace("person credit-officer-1", "person nobody"),
        "authority-revocation": REVOCATION.replace("credit-officer-1-2026", "x"),
        "office": OFFICE_SOURCE.replace("next-head", "nobody"),
    }
    for owner in bank.authorities.kinds():
        if owner.kind in sources:
            artefact = owner.read(sources[owner.kind])
            with pytest.raises(BrokenInput):
                owner.release(uow, Release("cr_1", artefact.name, 1, "d", artefact.value))


def test_replaying_the_entries_gives_the_same_rows(bank: Bank) -> None:
    bank.release("authority-revocation", SUSPENSION)
    bank.release("authority-revocation", SUSPENSION.replace("to: 2027-01-01", "to: 2026-01-02"), version=2)
    bank.take("pi_1.1", "10.00")
    again = Log(bank.log.folds, metadata)
    for entry in bank.log.entries:
        view = Work(again, SYSTEM)
        view._folding = True
        again.folds[entry.kind, entry.schema](view, entry)
    assert {table.name: again.rows(table) for table in TABLES} == {table.name: bank.log.rows(table) for table in TABLES}
    again.close()


def test_the_door_is_complete() -> None:
    assert set(folds()) == set(KINDS)
    assert commands() == {}
    assert decision_reads() == ((REGISTER, ("authority",)),)
    for table in TABLES:
        columns = metadata.tables[table.name].columns.keys()
        assert columns == ["log_id", *table.columns]
        assert metadata.tables[table.name].info == {"class": "folded"}
        keys = [column.name for column in metadata.tables[table.name].primary_key]
        assert keys == ["log_id", *table.columns[: table.key]]
