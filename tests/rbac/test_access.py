"""The check a command meets: policy in force, roles in force, domain, person, scope."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM, Actor, ActorKind
from ledger.clock import SECOND, Instant, instant_text
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from rbac.access import Access, Permit
from rbac.artefacts import access_policy_kind, person_kind, role_assignment_kind
from rbac.permission import WHOLE, Ask, DataClass
from rbac.tables import ASSIGNMENT, POLICY_VERSION
from tests.rbac.acme import POLICY, bootstrapped, new_log, person_actor, release
from tests.rbac.memory import START, Log


def reason(answer: Permit | Refusal) -> Reason | None:
    return answer.reason if isinstance(answer, Refusal) else None


def test_a_permit_names_rules_policy_and_assignment_entries() -> None:
    log, actors = bootstrapped()
    answer = Access().check(log.work(), actors["p-three"], "retail", "task", "claim")
    assert isinstance(answer, Permit)
    assert answer.rules == ("clerk/allow/task/claim/organisation",)
    assert answer.assignments == (0,)
    assert answer.policy_digest == log.rows["access_policy_version"][(1,)].digest
    assert answer.roles == ("credit-officer",)


def test_a_role_counts_in_its_domain_and_those_inside_it() -> None:
    log, actors = bootstrapped()
    access, work = Access(), log.work()
    answers = {d: access.check(work, actors["p-three"], d, "task", "claim") for d in
               ("retail", "retail-uk", "wholesale", WHOLE, "unknown", "")}  # fmt: skip
    assert [d for d, answer in answers.items() if isinstance(answer, Permit)] == ["retail", "retail-uk"]


def test_a_deny_of_one_role_beats_the_allow_of_another() -> None:
    log, actors = bootstrapped()
    release(log, role_assignment_kind, "role assignment: x\nto: p-three\nrole: manager\n")
    answer = Access().check(log.work(), actors["p-three"], "retail", "instance", "cancel")
    assert reason(answer) is Reason.DENIED
    assert answer.details == (("rule", "credit-officer/deny/instance/cancel/organisation"),)  # type: ignore[union-attr]
    # Outside retail only the manager's role is in force.
    assert reason(Access().check(log.work(), actors["p-three"], "wholesale", "instance", "cancel")) is None


def test_an_interval_is_half_open_at_the_very_microsecond() -> None:
    log, actors = bootstrapped()
    start, end = START + 10 * SECOND, START + 20 * SECOND
    source = (
        "role assignment: x\nto: p-three\nrole: manager\n"
        f"from: {instant_text(Instant(start))}\nuntil: {instant_text(Instant(end))}\n"
    )
    release(log, role_assignment_kind, source)
    access = Access()
    instants = ((start - 1, False), (start, True), (end - 1, True), (end, False))
    for now, permitted in (*instants, *reversed(instants)):  # answers that are kept are good for their interval alone
        log.now = Instant(now)
        answer = access.check(log.work(), actors["p-three"], WHOLE, "change-request", "propose")
        assert isinstance(answer, Permit) == permitted, now


def test_an_ended_assignment_counts_to_its_end_and_no_further() -> None:
    log, actors = bootstrapped()
    access = Access()
    log.now = Instant(START + 5)
    end = instant_text(Instant(START))  # in the past: it ends now, not then
    source = f"role assignment: bootstrap-3\nto: p-three\nrole: credit-officer\ndomain: retail\nuntil: {end}\n"
    assert isinstance(access.check(log.work(), actors["p-three"], "retail", "task", "claim"), Permit)
    release(log, role_assignment_kind, source)
    [row] = log.work().group(ASSIGNMENT, actors["p-three"].id)
    assert (row.valid_until, row.entry_index, row.ended_index) == (START + 5, 0, 1)
    assert reason(access.check(log.work(), actors["p-three"], "retail", "task", "claim")) is Reason.NO_RULE


def test_services_and_keys_decide_nothing() -> None:
    log, actors = bootstrapped()
    access, work = Access(), log.work()
    assert reason(access.check(work, actors["svc:intake"], WHOLE, "instance", "start")) is None
    assert reason(access.check(work, actors["svc:intake"], WHOLE, "task", "decide")) is Reason.NOT_A_PERSON
    by_key = replace(actors["p-three"], method="api-key")
    assert reason(access.check(work, by_key, "retail", "task", "decide")) is Reason.NOT_A_PERSON
    assert reason(access.check(work, actors["p-three"], "retail", "task", "decide")) is None


def test_a_scope_only_takes_away() -> None:
    log, actors = bootstrapped()
    access, work = Access(), log.work()
    officer = actors["p-three"]
    scoped = replace(officer, scope=(("credit-officer", "retail-uk"), ("manager", WHOLE)))
    assert reason(access.check(work, scoped, "retail-uk", "task", "claim")) is None
    assert reason(access.check(work, scoped, "retail", "task", "claim")) is Reason.NO_RULE
    assert reason(access.check(work, scoped, WHOLE, "change-request", "propose")) is Reason.NO_RULE
    assert reason(access.check(work, replace(officer, scope=()), "retail", "task", "claim")) is Reason.NO_RULE


@pytest.mark.parametrize(
    "actor",
    [
        person_actor("person:nobody"),
        Actor(ActorId("agent:x"), ActorKind.AGENT),
        Actor(ActorId("svc:intake"), ActorKind.PERSON, PersonId("person:x")),
        Actor(ActorId("role:manager"), ActorKind.SERVICE),
        Actor(ActorId(""), ActorKind.SERVICE),
        SYSTEM,
    ],
)
def test_an_unregistered_actor_is_refused(actor: Actor) -> None:
    log, _ = bootstrapped()
    assert reason(Access().check(log.work(), actor, WHOLE, "instance", "start")) is Reason.NO_RULE


def test_who_has_left_is_refused() -> None:
    log, actors = bootstrapped()
    access = Access()
    assert isinstance(access.check(log.work(), actors["p-three"], "retail", "task", "claim"), Permit)
    release(log, person_kind, "person: p-three\nname: Credit Officer 1\nstatus: left\n", 2)
    assert reason(access.check(log.work(), actors["p-three"], "retail", "task", "claim")) is Reason.NO_RULE


def test_who_is_here_is_registered_and_has_not_left() -> None:
    log, actors = bootstrapped()
    access = Access()
    person = str(actors["p-three"].person)
    assert access.is_here(log.work(), person)
    assert not access.is_here(log.work(), "person:nobody")
    release(log, person_kind, "person: p-three\nname: Credit Officer 1\nstatus: left\n", 2)
    assert not access.is_here(log.work(), person)


def test_without_a_policy_everything_is_refused() -> None:
    assert reason(Access().check(new_log().work(), person_actor("person:a"), WHOLE, "task", "read")) is Reason.NO_RULE


def edited(log: Log, **changes: Any) -> Log:
    log.rows["access_policy_version"][(1,)] = log.rows["access_policy_version"][(1,)]._replace(**changes)
    return log


def test_an_edited_policy_row_is_refused_at_use() -> None:
    log, actors = bootstrapped()
    value = log.rows["access_policy_version"][(1,)].value
    for change in (
        {"value": value.replace('"deny"', '"allow"')},
        {"value": "{"},
        {"digest": "x"},
        {"value": '{"a":1}'},
    ):
        log, actors = bootstrapped()
        access = Access()
        answer = access.check(edited(log, **change).work(), actors["p-three"], "retail", "task", "claim")
        assert reason(answer) is Reason.STALE_POLICY
        assert access.readable(log.work(), log.now, actors["p-three"], "retail") == frozenset()


def test_a_digest_edited_with_its_value_still_has_to_be_a_policy() -> None:
    from ledger import canonical

    log, actors = bootstrapped()
    value: dict[str, Any] = {"model": 1, "name": "acme", "domains": {}, "roles": {}}
    edited(log, value=canonical.encode(value).decode(), digest=canonical.digest(value))
    answer = Access().check(log.work(), actors["p-three"], "retail", "task", "claim")
    assert reason(answer) is Reason.STALE_POLICY


def test_a_release_is_in_force_for_the_next_check() -> None:
    log, actors = bootstrapped()
    access = Access()
    assert isinstance(access.check(log.work(), actors["p-one"], WHOLE, "instance", "cancel"), Permit)
    release(log, access_policy_kind, POLICY.replace("[read, cancel, suspend, resume]", "[read]"), 2)
    assert log.work().get(POLICY_VERSION, 2) is not None
    assert reason(access.check(log.work(), actors["p-one"], WHOLE, "instance", "cancel")) is Reason.NO_RULE


def test_what_was_read_in_a_batch_that_failed_is_forgotten() -> None:
    log, actors = bootstrapped()
    access = Access()
    assert isinstance(access.check(log.work(), actors["p-three"], "retail", "task", "claim"), Permit)
    log.rows["role_assignment"].clear()  # as after a rollback: other rows under the same epoch
    access.forget()
    assert reason(access.check(log.work(), actors["p-three"], "retail", "task", "claim")) is Reason.NO_RULE


def test_an_answer_that_is_kept_is_given_to_nobody_else_and_for_nothing_else() -> None:
    log, actors = bootstrapped()
    access, work, three = Access(), log.work(), actors["p-three"]
    asked: list[tuple[Actor, str, str, str]] = [
        (three, "retail", "task", "claim"),
        (actors["p-two"], "retail", "task", "claim"),
        (three, "wholesale", "task", "claim"),
        (three, "retail", "instance", "claim"),
        (three, "retail", "task", "reassign"),
        (replace(three, method="api-key"), "retail", "task", "decide"),
        (replace(three, scope=()), "retail", "task", "claim"),
        (replace(three, person=PersonId("person:other")), "retail", "task", "claim"),
        (replace(three, kind=ActorKind.SERVICE), "retail", "task", "claim"),
    ]
    for actor, *what in (*asked, *reversed(asked)):
        assert access.check(work, actor, *what) == Access().check(work, actor, *what), what
        role, domain = "credit-officer", what[0]
        assert access.holds(work, actor, domain, role) == Access().holds(work, actor, domain, role), what


def test_registers_are_read_once_per_epoch() -> None:
    log, actors = bootstrapped()
    access = Access()
    asked: list[str] = []
    work = log.work()

    class Counting:
        origin, register_epoch = work.origin, work.register_epoch

        def get(self, table: Any, *key: Any) -> Any:
            asked.append(table.name)
            return work.get(table, *key)

        def group(self, table: Any, *key: Any) -> Any:
            asked.append(table.name)
            return work.group(table, *key)

        def query(self, statement: str, parameters: Any = ()) -> Any:
            asked.append("query")
            return work.query(statement, parameters)

    for _ in range(3):
        answer = access.read_check(Counting(), log.now, actors["p-three"], Ask("retail", "task", "claim"))
        assert isinstance(answer, Permit)
    assert sorted(asked) == ["access_policy_version", "actor", "query", "role_assignment"]


def test_field_classes_and_roles_in_force() -> None:
    log, actors = bootstrapped()
    access, work = Access(), log.work()
    officer = actors["p-three"]
    classes = access.readable(work, log.now, officer, "retail")
    assert classes == {DataClass.PUBLIC, DataClass.INTERNAL, DataClass.CONFIDENTIAL, DataClass.PERSONAL}
    assert access.readable(work, log.now, officer, "wholesale") == frozenset()
    assert reason(access.may_read(work, log.now, officer, ("retail", "special"))) is Reason.NO_RULE
    assert reason(access.may_read(work, log.now, officer, ("retail", ""))) is Reason.UNCLASSED_FIELD
    assert access.roles(work, log.now, officer, "retail") == ("clerk", "credit-officer")
    assert access.holds(work, officer, "retail", "clerk")
    assert not access.holds(work, officer, "wholesale", "clerk")
