"""The authority model: Casbin names the grants a plain scan finds, and no grant without its rows."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from rbac.enforcer import AuthoritySnapshot, EnforcerShelf
from rbac.service import Named, authorities
from rbac.snapshot import AuthorityRow, Link, authority_digest
from tests.rbac.strategies import ACTS, OFFICES, PERSONS, authority_links, authority_rows

DOMAINS = ("retail", "wholesale")
KINDS = ("approve-credit", "pay")
REQUESTS = [(p, d, k, *act) for p in PERSONS for d in DOMAINS for k in KINDS for act in ACTS]


def snapshot(rows: tuple[AuthorityRow, ...], links: tuple[Link, ...]) -> AuthoritySnapshot:
    return AuthoritySnapshot(rows, links, authority_digest(rows, links))


def plain(rows: tuple[AuthorityRow, ...], links: tuple[Link, ...], request: tuple[str, ...]) -> tuple[str, ...]:
    person, *rest = request
    reach = {person}
    while more := {link.holder for link in links if link.member in reach} - reach:
        reach |= more
    return tuple(sorted({row.grant for row in rows if row.subject in reach and list(row[2:]) == rest}))


@given(authority_rows(), authority_links())
@settings(max_examples=100, deadline=None)
def test_casbin_names_the_grants_of_a_plain_scan(rows: tuple[AuthorityRow, ...], links: tuple[Link, ...]) -> None:
    register = snapshot(rows, links)
    for request in REQUESTS:
        expected = plain(rows, links, request)
        assert register.named(*request[:3], request[3:]) == expected
        for grant in ("ag_1", "ag_2", "ag_3", "ag_4"):  # asked about every grant, not only the likely ones
            assert register.enforce(request, grant) == (grant in expected)


@given(authority_rows(), authority_links(), st.sampled_from(("ag_1", "ag_2", "ag_3", "ag_4")))
@settings(max_examples=60, deadline=None)
def test_without_its_rows_a_grant_is_named_by_no_path(
    rows: tuple[AuthorityRow, ...], links: tuple[Link, ...], removed: str
) -> None:
    shelf = EnforcerShelf()
    before = AuthoritySnapshot(rows, links, authority_digest(rows, links), shelf)
    left = tuple(row for row in rows if row.grant != removed)
    after = AuthoritySnapshot(left, links, authority_digest(left, links), shelf)
    for request in REQUESTS:
        person, domain, kind, *act = request
        named = before.named(person, domain, kind, tuple(act))  # type: ignore[arg-type]
        assert after.named(person, domain, kind, tuple(act)) == tuple(g for g in named if g != removed)  # type: ignore[arg-type]
        assert not after.enforce(request, removed)


ROWS = (
    AuthorityRow("ag_1", "office:head", "retail", "approve-credit", *ACTS[0]),
    AuthorityRow("ag_2", "person:p1", "retail", "approve-credit", *ACTS[0]),
)
LINKS = (Link("person:p0", "office:head"), Link("person:p2", "person:p0"))


def test_offices_and_substitutes_lead_to_a_grant_with_their_path() -> None:
    register = snapshot(ROWS, LINKS)
    assert register.named("person:p2", "retail", "approve-credit", ACTS[0]) == ("ag_1",)
    assert register.path("person:p2", "office:head") == ("person:p2", "person:p0", "office:head")
    assert register.path("person:p1", "office:head") == ()


def test_no_grant_and_wrong_power_are_told_apart() -> None:
    register = snapshot(ROWS, LINKS)
    assert authorities(register, "person:p1", "retail", "approve-credit", ACTS[0]) == Named(("ag_2",), register.digest)
    wrong = authorities(register, "person:p1", "retail", "pay", ACTS[0])
    assert isinstance(wrong, Refusal)
    assert wrong.reason is Reason.WRONG_POWER
    none = authorities(register, "person:p1", "wholesale", "approve-credit", ACTS[0])
    assert isinstance(none, Refusal)
    assert none.reason is Reason.NO_GRANT


@pytest.mark.parametrize("blank", range(6))
def test_a_blank_field_names_nobody(blank: int) -> None:
    request = ["person:p1", "retail", "approve-credit", *ACTS[0]]
    request[blank] = ""
    person, domain, kind, blueprint, step, outcome = request
    assert snapshot(ROWS, LINKS).named(person, domain, kind, (blueprint, step, outcome)) == ()


def test_an_office_does_not_act_by_itself() -> None:
    assert snapshot(ROWS, LINKS).named("office:head", "retail", "approve-credit", ACTS[0]) == ()


@pytest.mark.parametrize(
    ("rows", "links"),
    [
        ((ROWS[0]._replace(outcome=""),), ()),
        ((ROWS[0]._replace(subject="role:clerk"),), ()),
        ((ROWS[0]._replace(domain="*"),), ()),
        (ROWS, (Link("office:head", "person:p0"),)),
        (ROWS, (Link("svc:robot", "office:head"),)),
    ],
)
def test_rows_are_checked_at_the_edge(rows: tuple[AuthorityRow, ...], links: tuple[Link, ...]) -> None:
    with pytest.raises(BrokenInput):
        snapshot(rows, links)


def test_an_edited_register_is_refused() -> None:
    with pytest.raises(BrokenState):
        AuthoritySnapshot(ROWS[:1], LINKS, authority_digest(ROWS, LINKS))


def test_an_empty_register_names_nobody() -> None:
    assert snapshot((), ()).named("person:p0", "retail", "approve-credit", ACTS[0]) == ()


def test_enforcers_are_shared_by_digest_and_bounded() -> None:
    shelf = EnforcerShelf(size_max=1)
    for rows in (ROWS, ROWS, ROWS[1:]):
        register = AuthoritySnapshot(rows, LINKS, authority_digest(rows, LINKS), shelf)
        assert register.named("person:p1", "retail", "approve-credit", ACTS[0]) == ("ag_2",)
        assert len(shelf) == 1


def test_eight_threads_get_no_wrong_answer() -> None:
    rows = tuple(
        AuthorityRow(f"ag_{i}", (*PERSONS, *OFFICES)[i % 8], DOMAINS[i % 2], KINDS[i // 2 % 2], *ACTS[i % 3])
        for i in range(48)
    )
    links = (Link(PERSONS[0], OFFICES[0]), Link(PERSONS[1], OFFICES[1]), Link(PERSONS[2], PERSONS[1]))
    expected = {request: plain(rows, links, request) for request in REQUESTS}
    register = snapshot(rows, links)
    wrong: list[tuple[str, ...]] = []
    ready = threading.Barrier(8)

    def hammer(number: int) -> None:
        ready.wait()
        for request in REQUESTS[number:] + REQUESTS[:number]:
            person, domain, kind, *act = request
            if register.named(person, domain, kind, tuple(act)) != expected[request]:  # type: ignore[arg-type]
                wrong.append(request)

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert any(expected.values())
