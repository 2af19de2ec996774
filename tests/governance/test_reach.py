"""What a verifier finds by plain scan is what the enforcement point names, and it changes at borders alone."""

from bisect import bisect_right

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from governance.above import Kind
from governance.authority import Register
from governance.decision import DecisionRequest, Named
from governance.reach import Reaching, named_by_scan, unreached
from tests.governance.lending import OUTCOMES, gbp, scan
from tests.governance.test_decision_properties import CALM, edges, instants, registers, requests

KIND = Kind("lending", "approve-credit", "loan", "decision", OUTCOMES, "")
asked = st.builds(
    Reaching, st.sampled_from(["person:a", "person:b", "person:c"]), st.just(KIND), st.sampled_from([None, gbp("100")])
)


@given(registers(), requests)
@settings(CALM, max_examples=300)
def test_the_same_grants_are_named_as_by_the_compiled_rows(register: Register, request: DecisionRequest) -> None:
    assert sorted(named_by_scan(register)(request).grants) == list(scan(register, request))


@given(registers(), asked, instants, edges)
@settings(CALM, max_examples=300)
def test_who_is_named_by_rows_or_by_scan_lacks_the_same(
    register: Register, one: Reaching, base: int, edge: int
) -> None:
    now = base + edge

    def by_rows(request: DecisionRequest) -> Named:
        return Named(scan(register, request), register.digest)

    assert unreached(one, by_rows, register, now) == unreached(one, named_by_scan(register), register, now)


@given(registers(), asked, st.tuples(instants, instants), edges)
@settings(CALM, max_examples=300)
def test_between_two_borders_an_authority_neither_begins_nor_ends(
    register: Register, one: Reaching, between: tuple[int, int], edge: int
) -> None:
    first, last = sorted(between)
    known = register.known(first)
    last += edge
    assume(first <= last and bisect_right(known.borders, first) == bisect_right(known.borders, last))
    named = named_by_scan(known)
    assert (unreached(one, named, known, first) is None) == (unreached(one, named, known, last) is None)
