"""The decision function at its edges: what an examiner would try first."""

from dataclasses import replace
from decimal import Decimal

import pytest

from governance.authority import Register
from governance.decision import Decision, Named, Usage, decide, usage_keys
from governance.duties import Duty, DutyFacts
from governance.grant import DAY, Limit, Per, Power, Status
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from tests.governance.lending import (
    CHILD,
    CLERK,
    EVER,
    HEAD,
    MINUTE,
    NOW,
    OFFICE_HEAD,
    OFFICER,
    OTHER,
    PER_CASE,
    REGISTER,
    REQUEST,
    ROOT,
    T0,
    T1,
    Money,
    gbp,
    judge,
    office,
    reason,
    status,
    with_child,
)  # fmt: skip

PERIOD = Limit(Per.PERIOD, "GBP", Decimal(150_000), days=30)


@pytest.mark.parametrize(
    ("amount", "inclusive", "expected"),
    [
        ("99999.99", True, ""),
        ("100000.00", True, ""),
        ("100000", True, ""),
        ("100000.01", True, "LIMIT_CASE"),
        ("100000.000000000000000000000000000001", True, "LIMIT_CASE"),
        ("99999.99", False, ""),
        ("100000.00", False, "LIMIT_CASE"),
        ("-0.01", True, "LIMIT_CASE"),
        ("NaN", True, "LIMIT_CASE"),
        ("Infinity", True, "LIMIT_CASE"),
        ("1E+500000", True, "LIMIT_CASE"),
        ("0", True, ""),
    ],
)
def test_the_limit_is_exact(amount: str, inclusive: bool, expected: str) -> None:
    register = with_child(limits=(replace(PER_CASE, inclusive=inclusive),))
    assert reason(judge(register, measure=gbp(amount))) == expected


def test_a_refusal_over_the_limit_states_limit_and_measure() -> None:
    judged = judge(measure=gbp("100000.01"))
    assert isinstance(judged, Refusal)
    assert judged.details == (("grant", "ag_child"), ("limit", "100000.00 GBP"), ("measure", "100000.01 GBP"))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (CHILD.valid_from - 1, "NOT_YET_VALID"),
        (CHILD.valid_from, ""),
        (CHILD.valid_to - 1, ""),
        (CHILD.valid_to, "EXPIRED"),
        (CHILD.valid_to + 1, "EXPIRED"),
    ],
)
def test_the_interval_is_half_open_to_the_microsecond(now: int, expected: str) -> None:
    register = with_child(recorded_at=T0)
    assert reason(judge(register, now)) == expected


def test_a_grant_is_unknown_before_it_is_recorded() -> None:
    backdated = with_child(recorded_at=NOW)
    assert reason(judge(backdated, NOW - 1)) == "NO_GRANT"
    assert reason(judge(backdated, NOW)) == ""


def test_who_never_held_and_who_holds_something_else() -> None:
    assert reason(judge(person=OTHER)) == "NO_GRANT"
    assert reason(judge(domain="treasury")) == "NO_GRANT"
    assert reason(judge(decision_kind="waive-fee", step="waiver", outcome="waive")) == "WRONG_POWER"
    assert reason(judge(with_child(powers=(Power("approve-credit", outcomes=("decline",)),)))) == "WRONG_POWER"
    assert reason(judge(outcome="pay")) == "WRONG_POWER"


@pytest.mark.parametrize(
    "person", [None, "svc:loader", "agent:summariser", "system:muniment", "office:head-of-lending"]
)
def test_only_persons_decide_and_that_is_asked_first(person: str | None) -> None:
    judged = decide(replace(REQUEST, person=person), Named((), "no such register"), REGISTER, NOW, lambda s, c, n: True)
    assert reason(judged) == "NOT_A_PERSON"


def test_a_stale_naming_is_refused() -> None:
    judged = decide(REQUEST, Named(("ag_child",), "older"), REGISTER, NOW, lambda s, c, n: True)
    assert reason(judged) == "STALE_POLICY"


@pytest.mark.parametrize("named", [("ag_nowhere",), ("ag_root",)])
def test_a_grant_named_by_mistake_is_not_believed(named: tuple[str, ...]) -> None:
    judged = decide(REQUEST, Named(named, REGISTER.digest), REGISTER, NOW, lambda s, c, n: True)
    assert reason(judged) == "NO_GRANT"


def test_a_grant_named_for_what_it_does_not_cover_is_not_believed() -> None:
    request = replace(REQUEST, decision_kind="waive-fee")
    assert reason(decide(request, Named(("ag_child",), REGISTER.digest), REGISTER, NOW, lambda s, c, n: True)) == (
        "WRONG_POWER"
    )


@pytest.mark.parametrize(
    ("what", "grant", "expected"),
    [
        (Status.SUSPENDED, "ag_child", "SUSPENDED"),
        (Status.REVOKED, "ag_child", "REVOKED"),
        (Status.SUSPENDED, "ag_root", "CHAIN_BROKEN"),
        (Status.REVOKED, "ag_root", "CHAIN_BROKEN"),
    ],
)
def test_a_status_bites_from_its_instant_on_and_through_the_chain(what: Status, grant: str, expected: str) -> None:
    register = replace(REGISTER, statuses=(status(grant, what, NOW),))
    assert reason(judge(register, NOW - 1)) == ""
    assert reason(judge(register, NOW)) == expected


def test_a_suspension_ends_and_is_lifted_by_a_later_version() -> None:
    event = status("ag_child", Status.SUSPENDED, T0, NOW)
    register = replace(REGISTER, statuses=(event,))
    assert reason(judge(register, NOW - 1)) == "SUSPENDED"
    assert reason(judge(register, NOW)) == ""
    lifted = replace(event, version=2, effective_at=NOW - DAY, ends_at=NOW - DAY, recorded_at=NOW - DAY)
    register = replace(REGISTER, statuses=(event, lifted))
    assert reason(judge(register, NOW - DAY - 1)) == "SUSPENDED"
    assert reason(judge(register, NOW - DAY)) == ""


def test_conditions_of_the_whole_chain_must_be_true_and_nothing_else() -> None:
    register = replace(
        REGISTER, grants=(replace(ROOT, conditions=("secured",)), replace(CHILD, conditions=("grade <= 7",)))
    )
    truths: dict[str, object] = {"secured": True, "grade <= 7": True}
    judged = judge(register, conditions=lambda source, context, now: truths[source])
    assert isinstance(judged, Decision)
    assert judged.conditions == ("grade <= 7", "secured")
    for source in tuple(truths):
        for value in (False, None, 1, "true"):
            answers = {**truths, source: value}
            assert reason(judge(register, conditions=lambda s, c, n, a=answers: a[s])) == "CONDITION_FAILED"

    def broken(source: str, context: object, now: int) -> object:
        raise BrokenInput("no such path")

    assert reason(judge(register, conditions=broken)) == "CONDITION_FAILED"


def test_conditions_are_asked_at_the_instant_of_the_decision() -> None:
    register = replace(REGISTER, grants=(ROOT, replace(CHILD, conditions=("today() < ends",))))
    asked: list[int] = []

    def conditions(source: str, context: object, now: int) -> object:
        asked.append(now)
        return True

    for now in (NOW, NOW + 1):
        assert isinstance(judge(register, now, conditions=conditions), Decision)
    assert asked == [NOW, NOW + 1]


def test_nobody_decides_under_a_grant_they_gave() -> None:
    given = office((OTHER, T0, NOW), (HEAD, NOW, EVER))
    register = replace(with_child(grantee=OFFICE_HEAD), offices=(given,))
    judged = judge(replace(register, grants=(ROOT, *register.grants[1:])), person=HEAD)
    assert reason(judged) == ""  # under the root grant, which the instrument gave
    alone = decide(
        replace(REQUEST, person=HEAD), Named(("ag_child",), register.digest), register, NOW, lambda s, c, n: True
    )
    assert reason(alone) == "SELF_DEALING"


def test_duties_hold_over_persons_and_whom_they_act_for() -> None:
    duties = (Duty("not initiator"), Duty("not step", "assess"), Duty("not author of blueprint"))
    facts = DutyFacts(initiator=CLERK, actors_by_step=(("assess", (OTHER,)),), authors=(HEAD,))
    assert reason(judge(duties=duties, facts=facts)) == ""
    assert reason(judge(duties=duties, facts=replace(facts, initiator=OFFICER))) == "SOD"
    assert reason(judge(duties=duties, facts=facts, on_behalf_of=CLERK)) == "SOD"
    judged = judge(duties=duties, facts=facts, on_behalf_of=OTHER)
    assert isinstance(judged, Refusal)
    assert ("duty", "not step assess") in judged.details


@pytest.mark.parametrize(
    "measure", [Decimal(5), Money(Decimal(5), "EUR"), Money(Decimal(5), "gbp"), Money(Decimal(5), "")]
)
def test_a_measure_in_no_declared_currency_is_not_guessed(measure: object) -> None:
    assert reason(judge(measure=measure)) == "CURRENCY_UNCONVERTIBLE"


def test_a_measure_that_is_not_there_is_told_as_such_where_a_limit_counts() -> None:
    assert reason(judge(measure=None)) == "MEASURE_MISSING"
    root = replace(ROOT, limits=())
    assert (
        reason(judge(replace(with_child(limits=()), grants=(root, with_child(limits=()).grants[1])), measure=None))
        == ""
    )


def test_every_group_of_limits_needs_the_currency() -> None:
    euros = replace(PER_CASE, currency="EUR")
    register = with_child(limits=(PER_CASE, euros, PERIOD))
    root = replace(ROOT, limits=())
    register = replace(register, grants=(root, register.grants[1]))
    assert reason(judge(register, measure=gbp("1"))) == ""
    assert reason(judge(register, measure=Money(Decimal(1), "EUR"))) == "CURRENCY_UNCONVERTIBLE"
    both = with_child(limits=(PER_CASE, euros, PERIOD, replace(PERIOD, currency="EUR", max=Decimal(1))))
    both = replace(both, grants=(root, both.grants[1]))
    judged = judge(both, measure=Money(Decimal(1), "EUR"))
    assert isinstance(judged, Decision)
    assert [(use.currency, use.total) for use in judged.usage] == [("EUR", Decimal(1))]


def test_a_grant_without_limits_is_without_limits() -> None:
    register = Register((MINUTE,), (replace(ROOT, limits=()),))
    judged = judge(register, person=HEAD, measure=gbp("999999999999999999999999999999"))
    assert isinstance(judged, Decision)
    assert judged.binding is None
    assert reason(judge(register, person=HEAD, measure=gbp("NaN"))) == "LIMIT_CASE"
    assert isinstance(judge(register, person=HEAD, measure=None), Decision)


def test_limits_count_for_the_outcomes_they_name() -> None:
    register = with_child(limits=(replace(PER_CASE, outcomes=("approve",)),))
    register = replace(register, grants=(replace(ROOT, limits=()), register.grants[1]))
    assert reason(judge(register, measure=gbp("100000.01"), outcome="decline")) == ""
    assert reason(judge(register, measure=gbp("100000.01"))) == "LIMIT_CASE"


def test_a_period_total_counts_what_was_decided_before() -> None:
    register = with_child(limits=(PER_CASE, PERIOD))
    first = judge(register, measure=gbp("100000.00"))
    assert isinstance(first, Decision)
    assert first.binding is not None
    assert (first.binding.limit, first.binding.headroom) == (PER_CASE, Decimal("0.00"))
    assert reason(judge(register, measure=gbp("50000.01"), usage=first.usage)) == "LIMIT_PERIOD"
    second = judge(register, measure=gbp("50000.00"), usage=first.usage)
    assert isinstance(second, Decision)
    assert second.usage[0].total == Decimal("150000.00")
    assert reason(judge(register, measure=gbp("0.01"), usage=second.usage)) == "LIMIT_PERIOD"
    assert reason(judge(register, measure=gbp("0.01"), usage=())) == "LIMIT_PERIOD"  # not stated is not zero


def test_windows_lie_end_to_end_from_the_first_version() -> None:
    grant = replace(CHILD, limits=(PERIOD,))
    amended = replace(grant, version=2, valid_from=CHILD.valid_from + 7 * DAY, recorded_at=NOW)
    register = Register((MINUTE,), (ROOT, grant, amended))
    start = CHILD.valid_from
    for moment, window in [
        (start, start), (start + 30 * DAY - 1, start), (start + 30 * DAY, start + 30 * DAY),
    ]:  # fmt: skip
        assert usage_keys(register, grant, "approve", moment) == (("ag_child", "GBP", 30, window),)
        assert usage_keys(register, amended, "approve", moment) == (("ag_child", "GBP", 30, window),)


def test_an_office_passes_on_in_one_instant() -> None:
    held = office((OFFICER, T0, NOW), (OTHER, NOW, EVER))
    root = replace(ROOT, grantee=OFFICE_HEAD)
    register = Register((MINUTE,), (root,), (), (held,))
    before = {person: reason(judge(register, NOW - 1, person=person)) for person in (OFFICER, OTHER)}
    after = {person: reason(judge(register, NOW, person=person)) for person in (OFFICER, OTHER)}
    assert before == {OFFICER: "", OTHER: "NOT_YET_VALID"}
    assert after == {OFFICER: "EXPIRED", OTHER: ""}
    judged = judge(register, NOW, person=OTHER)
    assert isinstance(judged, Decision)
    assert (judged.capacity, judged.person) == (OFFICE_HEAD, OTHER)


def test_a_later_version_of_an_office_speaks_from_when_it_is_known() -> None:
    first, second = office((OFFICER, T0, EVER)), office((OTHER, T0, EVER), version=2, recorded_at=NOW)
    register = Register((MINUTE,), (replace(ROOT, grantee=OFFICE_HEAD),), (), (first, second))
    assert reason(judge(register, NOW - 1)) == ""
    assert reason(judge(register, NOW - 1, person=OTHER)) == "NO_GRANT"
    assert reason(judge(register, NOW)) == "EXPIRED"
    assert reason(judge(register, NOW, person=OTHER)) == ""


def test_of_several_grants_a_sufficient_one_in_person_comes_first() -> None:
    held = office((OFFICER, T0, EVER))
    by_office = replace(ROOT, id="ag_a_office", grantee=OFFICE_HEAD)
    register = Register((MINUTE,), (by_office, ROOT, CHILD), (), (held,))
    small, large = judge(register, measure=gbp("1")), judge(register, measure=gbp("200000"))
    assert isinstance(small, Decision)
    assert isinstance(large, Decision)
    assert (small.grant.id, large.grant.id) == ("ag_child", "ag_a_office")


def test_of_several_refusals_the_furthest_is_told() -> None:
    held = office((OFFICER, T0, EVER))
    expired = replace(ROOT, id="ag_a_office", grantee=OFFICE_HEAD, valid_to=NOW)
    register = Register((MINUTE,), (expired, ROOT, CHILD), (), (held,))
    judged = judge(register, measure=gbp("200000"))
    assert reason(judged) == "LIMIT_CASE"


def test_two_accounts_of_one_person_are_one_person() -> None:
    """Facts name persons: whoever started the case from another account is still its initiator."""
    facts = DutyFacts(initiator=OFFICER)
    assert reason(judge(duties=(Duty("not initiator"),), facts=facts)) == "SOD"


def test_the_decision_carries_what_it_rests_on() -> None:
    judged = judge(measure=gbp("50000.00"), duties=(Duty("not initiator"),))
    assert isinstance(judged, Decision)
    assert [grant.id for grant in judged.chain] == ["ag_child", "ag_root"]
    assert judged.binding is not None
    assert judged.binding.headroom == Decimal("50000.00")
    assert judged.duties == ("not initiator",)
    assert judged.register_digest == REGISTER.digest
    assert judged.measure == (Decimal("50000.00"), "GBP")
    assert judged.capacity == OFFICER


def test_removing_every_row_removes_the_decision() -> None:
    judged = decide(REQUEST, Named((), REGISTER.digest), REGISTER, NOW, lambda s, c, n: True)
    assert reason(judged) == "WRONG_POWER"


def test_unlimited_outside_the_period_of_the_parent_is_impossible() -> None:
    judged = judge(with_child(valid_to=T1 + 1))
    assert isinstance(judged, Refusal)
    assert "interval" in judged.message
    assert ("broken_at", "ag_child") in judged.details


def test_usage_of_another_grant_does_not_count() -> None:
    register = with_child(limits=(PERIOD,))
    register = replace(register, grants=(replace(ROOT, limits=()), register.grants[1]))
    (key,) = usage_keys(register, register.grants[1], "approve", NOW)
    other = Usage("ag_other", *key[1:], Decimal(150_000))
    judged = judge(register, measure=gbp("1"), usage=(other, Usage(*key, Decimal(0))))
    assert isinstance(judged, Decision)
