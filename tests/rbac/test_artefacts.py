"""People, roles and policy change by released artefacts alone; the ceremony happens once."""

from dataclasses import replace

import pytest

from ledger.clock import SECOND, Instant, instant_text
from ledger.entry import encode_entry
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from rbac import entries, service
from rbac.artefacts import access_policy_kind, actor_kind_of_artefact, person_kind, role_assignment_kind
from rbac.attributes import person_attribute_kind
from rbac.ceremony import FirstRole, HoldCeremony, NamedPerson
from rbac.store import person_by_ref, person_name
from tests.rbac.acme import CEREMONY, POLICY, bootstrapped, new_log, release
from tests.rbac.memory import START


def test_one_ceremony_by_two_persons() -> None:
    log, actors = bootstrapped()
    [entry] = log.entries
    assert entry.kind == "ceremony.held"
    assert entry.payload["holders"] == [actors["p-one"].id, actors["p-two"].id]
    assert set(entry.payload) == set(entries.KINDS[entry.kind, 1])
    again = log.run(CEREMONY)
    assert isinstance(again, Refusal)
    assert again.reason is Reason.WRONG_STATE
    assert len(log.entries) == 1


def test_nobody_signed_in_can_hold_a_ceremony() -> None:
    _, actors = bootstrapped()
    refused = new_log().run(CEREMONY, actors["p-one"])
    assert isinstance(refused, Refusal)
    assert refused.reason is Reason.DENIED


@pytest.mark.parametrize(
    "command",
    [
        replace(CEREMONY, holders=("p-one", "p-one")),
        replace(CEREMONY, holders=("p-one", "p-nine")),
        replace(CEREMONY, persons=(*CEREMONY.persons, NamedPerson("p-one", "Again"))),
        replace(CEREMONY, persons=(*CEREMONY.persons, NamedPerson("P One", "x"))),
        replace(CEREMONY, persons=(*CEREMONY.persons, NamedPerson("p-four", ""))),
        replace(CEREMONY, roles=(FirstRole("p-nine", "clerk"),)),
        replace(CEREMONY, roles=(FirstRole("p-one", "king"),)),
        replace(CEREMONY, roles=(FirstRole("p-one", "clerk", "moon"),)),
        replace(CEREMONY, access_policy="access policy: a\nroles: {r: {reads: [public]}}\n"),
    ],
)
def test_a_ceremony_that_does_not_fit_together_is_broken_input(command: HoldCeremony) -> None:
    log = new_log()
    with pytest.raises(BrokenInput):
        log.run(command)
    assert log.entries == []


def test_names_stand_in_no_entry_and_open_again() -> None:
    log, actors = bootstrapped()
    release(log, person_kind, "person: p-four\nname: Clerk 1\n")
    for name in ("Credit Officer 1", "Process Manager", "Clerk 1"):
        assert all(name.encode() not in encode_entry(entry) for entry in log.entries)
    person = person_by_ref(log.work(), "p-four")
    assert person is not None
    assert person_name(log.work(), person.id) == "Clerk 1"
    assert person_name(log.work(), actors["p-three"].id) == "Credit Officer 1"
    assert person_name(log.work(), "person:nobody") is None


def test_a_person_keeps_their_id_when_their_name_changes() -> None:
    log, actors = bootstrapped()
    release(log, person_kind, "person: p-three\nname: Credit Officer 2\n", 2)
    assert log.entries[-1].kind == "person.changed"
    assert person_name(log.work(), actors["p-three"].id) == "Credit Officer 2"


def test_every_folded_row_comes_back_from_the_entries() -> None:
    log, _ = bootstrapped()
    release(log, person_kind, "person: p-four\nname: Clerk 1\n")
    release(log, person_kind, "person: p-four\nname: Clerk 1\nstatus: left\n", 2)
    release(log, actor_kind_of_artefact, "actor: agent:reader\ntitle: Reader\n")
    release(log, actor_kind_of_artefact, "actor: agent:reader\ntitle: Reader\nstatus: left\n", 2)
    release(log, role_assignment_kind, "role assignment: x\nto: agent:reader\nrole: intake\n")
    end = instant_text(Instant(START + SECOND))
    release(log, role_assignment_kind, f"role assignment: x\nto: agent:reader\nrole: intake\nuntil: {end}\n", 2)
    release(log, person_attribute_kind, "person attribute: y\nof: p-four\nskill: mortgages\n")
    release(log, person_attribute_kind, f"person attribute: y\nof: p-four\nskill: mortgages\nuntil: {end}\n", 2)
    release(log, access_policy_kind, POLICY + "    # more\n    deny: {job: [read]}\n", 2)
    assert log.replay() == log.folded()
    for entry in log.entries:
        assert set(entry.payload) == set(entries.KINDS[entry.kind, entry.schema])
    assert {entry.kind for entry in log.entries} == {kind for kind, _ in entries.KINDS}
    assert set(service.folds()) == set(entries.KINDS)


def rules(kind: object, source: str) -> list[tuple[str, str]]:
    log, _ = bootstrapped()
    return [(f.rule, f.severity) for f in kind.check(log.work(), kind.read(source))]  # type: ignore[attr-defined]


def test_checks_of_an_access_policy() -> None:
    assert rules(access_policy_kind, POLICY) == [("role-without-holder", "warning")] * 0
    renamed = POLICY.replace("access policy: acme", "access policy: other")
    assert ("one-access-policy", "error") in rules(access_policy_kind, renamed)
    assert ("role-in-use", "error") in rules(access_policy_kind, POLICY.replace("  intake:", "  outtake:"))
    closed = POLICY.replace("[read, propose, approve, release]", "[read, propose, approve]")
    assert ("change-control-closed", "error") in rules(access_policy_kind, closed)
    assert ("empty-role", "warning") in rules(access_policy_kind, POLICY + "  idle: {title: Idle}\n")
    assert ("role-without-holder", "warning") in rules(access_policy_kind, POLICY + "  idle: {title: Idle}\n")


def test_checks_of_a_role_assignment() -> None:
    base = "role assignment: x\nto: p-three\nrole: clerk\n"
    assert rules(role_assignment_kind, base) == []
    assert rules(role_assignment_kind, base.replace("p-three", "p-nine")) == [("unknown-actor", "error")]
    assert rules(role_assignment_kind, base.replace("clerk", "king")) == [("unknown-role", "error")]
    assert rules(role_assignment_kind, base + "domain: moon\n") == [("unknown-domain", "error")]
    past = f"until: {instant_text(START)}\n"
    assert rules(role_assignment_kind, base + past) == [("already-over", "error")]
    existing = "role assignment: bootstrap-3\nto: p-three\nrole: credit-officer\ndomain: retail\n"
    assert rules(role_assignment_kind, existing) == [("nothing-to-end", "error")]
    other = existing.replace("credit-officer", "clerk") + past
    assert rules(role_assignment_kind, other) == [("assignment-fixed", "error")]
    assert rules(role_assignment_kind, existing + past) == []


@pytest.mark.parametrize(
    ("kind", "source", "location"),
    [
        (person_kind, "person: p\nname: N\nage: 3\n", "line 3, column 1"),
        (person_kind, "person: P Q\nname: N\n", "line 1, column 9"),
        (person_kind, "person: p\nname: N\nstatus: gone\n", "line 3, column 9"),
        (person_kind, f"person: p\nname: {'N' * 201}\n", "line 2, column 7"),
        (actor_kind_of_artefact, "actor: person:x\ntitle: X\n", "line 1, column 8"),
        (role_assignment_kind, "role assignment: x\nto: role:clerk\nrole: clerk\n", "line 2, column 5"),
        (role_assignment_kind, "role assignment: x\nto: p\nrole: clerk\nfrom: 2026-01-01\n", "line 4, column 7"),
        (
            role_assignment_kind,
            "role assignment: x\nto: p\nrole: c\n"
            "from: 2026-01-01T00:00:00.000000Z\nuntil: 2026-01-01T00:00:00.000000Z\n",
            "line 5, column 8",
        ),
    ],
)
def test_sources_are_refused_with_a_place(kind: object, source: str, location: str) -> None:
    with pytest.raises(BrokenInput) as fault:
        kind.read(source)  # type: ignore[attr-defined]
    assert fault.value.location == location


def test_a_release_that_no_longer_fits_is_broken_input() -> None:
    log, _ = bootstrapped()
    with pytest.raises(AssertionError):
        release(log, role_assignment_kind, "role assignment: x\nto: p-nine\nrole: clerk\n")
    from tests.rbac.acme import Released

    value = role_assignment_kind.read("role assignment: x\nto: p-nine\nrole: clerk\n").value
    with pytest.raises(BrokenInput):
        role_assignment_kind.release(log.work(), Released("x", value))
