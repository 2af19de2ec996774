"""The decision against a second telling of it, and what must hold for every register."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from governance.authority import Register, compile_rows
from governance.chain import Broken, chain
from governance.decision import Decision, DecisionRequest, Named, Usage, decide, out_of_force, usage_keys
from governance.duties import Duty, DutyFacts
from governance.grant import DAY, EVER, Grant, Holding, Limit, Office, Per, Power, Status, StatusEvent
from tests.governance.lending import MINUTE, RELEASED, ROOT, T0, Money, reason, scan
from tests.governance.oracle import ORDER, answer

PERSONS = ("person:a", "person:b", "person:c")
GRANTEES = ("person:a", "person:b", "office:x", "office:x", "office:y")
OFFICES = ("office:x", "office:y")
KINDS = ("approve-credit", "waive-fee")
instants = st.sampled_from([T0 + n * DAY // 2 for n in range(9)])
edges = st.sampled_from([-1, 0, 0, 1])
amounts = st.sampled_from([Decimal(n) / 100 for n in (0, 1, 9999, 10000, 10001, 19999, 20000, 20001)])


@st.composite
def limits(draw: Any) -> tuple[Limit, ...]:
    found = {}
    for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
        days = draw(st.sampled_from([0, 0, 2]))
        currency = draw(st.sampled_from(["GBP", "GBP", "GBP", "EUR"]))
        outcomes = draw(st.sampled_from([None, None, None, ("approve",)]))
        highest, inclusive = Decimal(draw(st.sampled_from([100, 200]))), draw(st.booleans())
        found[days, currency] = Limit(Per.PERIOD if days else Per.CASE, currency, highest, inclusive, days, outcomes)
    return tuple(found.values())


@st.composite
def grants(draw: Any, number: int, above: list[Grant]) -> Grant:
    parent = draw(st.sampled_from([None, *above])) if above else None
    start = draw(st.sampled_from([T0, T0, T0 + DAY]))
    powers = tuple(
        Power(kind, outcomes=draw(st.sampled_from([None, None, ("approve",)])))
        for kind in draw(st.sampled_from([KINDS[:1], KINDS, KINDS[:1], KINDS[1:]]))
    )
    grant = replace(
        ROOT,
        id=f"ag_{number}",
        name=f"grant-{number}",
        instrument=draw(st.sampled_from(["in_1"] * 9 + ["in_2"])),
        grantee=draw(st.sampled_from(GRANTEES)),
        domain=draw(st.sampled_from(["lending"] * 5 + ["treasury"])),
        powers=powers,
        limits=draw(limits()),
        conditions=draw(st.sampled_from([(), (), ("yes",), ("no",)])),
        valid_from=start,
        valid_to=draw(st.sampled_from([T0 + 2 * DAY, T0 + 4 * DAY, T0 + 4 * DAY])),
        recorded_at=draw(st.sampled_from([T0, start, start])),
    )
    if parent is None:
        return replace(grant, grantor=draw(st.sampled_from(["", "", "person:board", *PERSONS])))
    near = draw(st.booleans())  # most random children break somewhere, so half of them start as their parent's copy
    if near:
        grant = replace(grant, domain=parent.domain, powers=parent.powers, limits=parent.limits)
        grant = replace(grant, valid_from=parent.valid_from, valid_to=parent.valid_to, recorded_at=parent.valid_from)
    round_about = draw(st.sampled_from([parent.id] * 9 + [grant.id, "ag_9"]))
    grantor = draw(st.sampled_from([parent.grantee, parent.grantee, parent.grantee, PERSONS[1], ""]))
    return replace(grant, parent=round_about, grantor=grantor)


@st.composite
def registers(draw: Any) -> Register:
    found: list[Grant] = []
    for number in range(draw(st.integers(1, 4))):
        found.append(draw(grants(number, list(found))))
        if draw(st.sampled_from([False] * 5 + [True])):
            found.append(replace(draw(grants(number, found[:-1])), version=2, recorded_at=T0 + 2 * DAY))
    offices = []
    for name in OFFICES:
        for version in range(1, draw(st.sampled_from([1, 1, 2])) + 1):
            change = draw(st.sampled_from([T0 + DAY, T0 + 2 * DAY]))
            first, second = draw(st.permutations(PERSONS))[:2]
            holdings = (Holding(first, T0, change), Holding(second, change, EVER))
            offices.append(Office(name, version, name, holdings, T0 if version == 1 else T0 + 2 * DAY))
    statuses = []
    for number in range(draw(st.sampled_from([0, 1, 1, 2]))):
        at = draw(instants)
        what = draw(st.sampled_from(Status))
        end = EVER if what is Status.REVOKED else draw(st.sampled_from([EVER, at + DAY]))
        grant = draw(st.sampled_from(found)).id
        statuses.append(StatusEvent(grant, f"event-{number}", 1, what, at, end, draw(st.sampled_from([T0, at]))))
    return Register((MINUTE,), tuple(found), tuple(statuses), tuple(offices))


requests = st.builds(
    DecisionRequest,
    person=st.sampled_from((*PERSONS, *PERSONS[:2])),
    domain=st.sampled_from(["lending"] * 9 + ["treasury"]),
    decision_kind=st.just("approve-credit"),
    blueprint=st.just("loan"),
    step=st.just("decision"),
    outcome=st.sampled_from(["approve", "approve", "decline"]),
    measure=st.one_of(*[st.builds(Money, amounts, st.sampled_from(["GBP"] * 5 + ["EUR"]))] * 9, st.none()),
    duties=st.sampled_from([(), (), (Duty("not initiator"),)]),
    facts=st.builds(DutyFacts, initiator=st.sampled_from([*PERSONS, "svc:intake"])),
)
TRUTHS = {"yes": True, "no": False}
CALM = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def ask(register: Register, request: DecisionRequest, now: int, named: tuple[str, ...]) -> Any:
    return decide(request, Named(named, register.digest), register, now, lambda source, context, now: TRUTHS[source])


def with_usage(register: Register, request: DecisionRequest, now: int, used: Decimal) -> DecisionRequest:
    keys = [
        key
        for grant in register.newest_grants()
        if (known := register.grant(grant.id, now)) is not None
        for key in usage_keys(register, known, request.outcome, now)
    ]
    return replace(request, usage=tuple(Usage(*key, used) for key in keys))


@given(registers(), requests, instants, edges, amounts)
@settings(CALM, max_examples=400)
def test_equals_the_second_telling(
    register: Register, request: DecisionRequest, base: int, edge: int, used: Decimal
) -> None:
    now = base + edge
    request = with_usage(register, request, now, used)
    named = scan(register, request)
    told = reason(ask(register, request, now, named))
    event(told or "permit")
    assert told == answer(register, request, named, now, TRUTHS)


@given(registers(), requests, instants)
@settings(CALM, max_examples=100)
def test_nobody_decides_whom_the_enforcement_point_did_not_name(
    register: Register, request: DecisionRequest, now: int
) -> None:
    named = scan(register, request)
    judged = ask(register, request, now, named)
    if isinstance(judged, Decision):
        assert judged.grant.id in named
        rest = tuple(grant for grant in named if grant != judged.grant.id)
        again = ask(register, request, now, rest)
        assert not isinstance(again, Decision) or again.grant.id in rest
    assert not isinstance(ask(register, request, now, ()), Decision)


UNTIL_THEN = ("NO_GRANT", "WRONG_POWER", "NOT_YET_VALID", "EXPIRED", "SUSPENDED", "REVOKED", "CHAIN_BROKEN")
OF_THE_MEASURE = ("LIMIT_CASE", "LIMIT_PERIOD", "CURRENCY_UNCONVERTIBLE")


@given(registers(), requests, instants, amounts)
@settings(CALM, max_examples=200)
def test_who_has_no_grant_in_force_is_told_so_as_by_the_decision_and_nobody_else_is(
    register: Register, request: DecisionRequest, now: int, used: Decimal
) -> None:
    request = with_usage(register, request, now, used)
    named = scan(register, request)
    decided = reason(ask(register, request, now, named))
    told = out_of_force(replace(request, measure=None), Named(named, register.digest), register, now)
    event("free" if told is None else told.reason)
    assert (told is None) is (decided not in UNTIL_THEN)
    assert told is None or told.reason == decided


@given(registers(), requests, instants, amounts)
@settings(CALM, max_examples=300)
def test_whom_no_measure_of_theirs_reaches_decides_nothing_and_who_decides_reaches_it(
    register: Register, request: DecisionRequest, now: int, used: Decimal
) -> None:
    request = replace(with_usage(register, request, now, used), duties=())
    named = scan(register, request)
    told = out_of_force(request, Named(named, register.digest), register, now)
    nothing_used = replace(request, usage=tuple(replace(one, total=Decimal(0)) for one in request.usage))
    event("free" if told is None else told.reason)
    if told is not None:
        assert told.reason in (*UNTIL_THEN, *OF_THE_MEASURE)
        assert not isinstance(ask(register, request, now, named), Decision)
    else:  # conditions and grantor are asked at the decision alone; a measure that is missing may still come
        decided = reason(ask(register, nothing_used, now, named))
        assert decided in ("", "CONDITION_FAILED", "SELF_DEALING", "MEASURE_MISSING")


@given(registers(), requests, instants, st.tuples(amounts, amounts), amounts)
@settings(CALM, max_examples=150)
def test_raising_the_measure_never_permits(
    register: Register, request: DecisionRequest, now: int, two: tuple[Decimal, Decimal], used: Decimal
) -> None:
    low, high = sorted(two)
    request = with_usage(register, request, now, used)
    currency = request.measure.currency if isinstance(request.measure, Money) else "GBP"
    answers = [
        ask(register, replace(request, measure=Money(amount, currency)), now, scan(register, request))
        for amount in (low, high)
    ]
    assert isinstance(answers[0], Decision) or not isinstance(answers[1], Decision)


@given(registers(), requests, instants)
@settings(CALM, max_examples=100)
def test_the_order_of_the_register_and_of_the_names_changes_nothing(
    register: Register, request: DecisionRequest, now: int
) -> None:
    request = with_usage(register, request, now, Decimal(0))
    named = scan(register, request)
    turned = Register(
        register.instruments[::-1], register.grants[::-1], register.statuses[::-1], register.offices[::-1]
    )
    assert turned.digest == register.digest
    one, other = ask(register, request, now, named), ask(turned, request, now, tuple(reversed(named)))
    assert one == other


@given(registers(), instants)
@settings(CALM, max_examples=150)
def test_a_permitted_child_lies_inside_every_ancestor(register: Register, now: int) -> None:
    """Whatever a child may decide by power and limit, each grant above it may decide too."""
    for newest in register.newest_grants():
        grant = register.grant(newest.id, now)
        links = None if grant is None else chain(register, grant, now)
        if links is None or isinstance(links, Broken):
            continue
        for above in links[1:]:
            assert above.valid_from <= links[0].valid_from < links[0].valid_to <= above.valid_to
            for kind in KINDS:
                for outcome in ("approve", "decline"):
                    if links[0].covers("lending", kind, ("loan", "decision"), outcome):
                        assert above.covers("lending", kind, ("loan", "decision"), outcome)


@given(registers(), requests, instants)
@settings(CALM, max_examples=100)
def test_what_is_known_later_does_not_change_what_was_decided(
    register: Register, request: DecisionRequest, now: int
) -> None:
    """A verifier that has the whole register gets the answer the service gave with what it knew then."""
    request = with_usage(register, request, now, Decimal(0))
    then = register.known(now)
    named = scan(then, request)
    one, other = ask(then, request, now, named), ask(register, request, now, named)
    assert reason(one) == reason(other)


def test_the_properties_reach_every_reason() -> None:
    """The strategies are wide enough: each authority reason, and the permit, comes up."""
    seen: Counter[str] = Counter()

    @given(registers(), requests, instants, amounts)
    @settings(CALM, max_examples=2500, database=None, derandomize=True)
    def collect(register: Register, request: DecisionRequest, now: int, used: Decimal) -> None:
        request = with_usage(register, request, now, used)
        seen[reason(ask(register, request, now, scan(register, request)))] += 1

    collect()
    assert set(seen) >= {"", *ORDER}, seen


@given(registers())
@settings(CALM, max_examples=60)
def test_rows_are_exact_sorted_and_digested(register: Register) -> None:
    compiled = compile_rows(register, RELEASED)
    assert list(compiled.policy) == sorted(set(compiled.policy))
    assert all(all(row) and "*" not in "".join(row) for row in compiled.policy)
    assert {row.grant for row in compiled.policy} <= {grant.id for grant in register.grants}
    for row in compiled.policy:
        grant = register.grant(row.grant, EVER)
        assert grant is not None
        assert grant.covers(row.domain, row.decision_kind, (row.blueprint, row.step), row.outcome)
        assert row.subject == grant.grantee
    if compiled.policy:
        fewer = compile_rows(register, {})
        assert fewer.policy == ()
        assert fewer.digest != compiled.digest
