"""Random policies, registers and requests, small enough that names meet."""

from hypothesis import strategies as st

from rbac.permission import PERMISSIONS, WHOLE, Ask, permission
from rbac.roles import AccessPolicy, Effect, Role, Rule
from rbac.snapshot import AuthorityRow, Link

DOMAINS = ("d0", "d1", "d2", "d3")
ROLES = ("r0", "r1", "r2", "r3", "r4")
SOME = (("task", "read"), ("task", "decide"), ("instance", "start"), ("field-personal", "read"))


@st.composite
def policies(draw: st.DrawFn) -> AccessPolicy:
    count = draw(st.integers(0, len(DOMAINS)))
    domains = tuple((DOMAINS[i], draw(st.sampled_from((WHOLE, *DOMAINS[:i])))) for i in range(count))
    rules = st.builds(
        lambda effect, what, within: Rule(effect, *permission(*what), within),
        st.sampled_from(Effect),
        st.sampled_from(SOME),
        st.sampled_from((WHOLE, *(name for name, _ in domains))),
    )
    roles = [
        Role(
            name,
            includes=tuple(sorted(draw(st.lists(st.sampled_from(ROLES[i + 1 :]), max_size=2, unique=True))))
            if i + 1 < len(ROLES)
            else (),
            rules=tuple(sorted(draw(st.lists(rules, min_size=i == 0, max_size=5, unique=True)))),
        )
        for i, name in enumerate(ROLES)
    ]
    return AccessPolicy("random", domains, tuple(roles))


def asks() -> st.SearchStrategy[Ask]:
    return st.builds(
        lambda domain, what: Ask(domain, *what),
        st.sampled_from((WHOLE, *DOMAINS, "unknown")),
        st.sampled_from((*SOME, *sorted(PERMISSIONS)[:3])),
    )


PERSONS = tuple(f"person:p{i}" for i in range(5))
OFFICES = tuple(f"office:o{i}" for i in range(3))
ACTS = (("loan", "officer", "approve"), ("loan", "officer", "decline"), ("loan", "manager", "approve"))


def authority_rows() -> st.SearchStrategy[tuple[AuthorityRow, ...]]:
    row = st.builds(
        lambda grant, subject, domain, kind, act: AuthorityRow(grant, subject, domain, kind, *act),
        st.sampled_from(("ag_1", "ag_2", "ag_3", "ag_4")),
        st.sampled_from((*PERSONS, *OFFICES)),
        st.sampled_from(("retail", "wholesale")),
        st.sampled_from(("approve-credit", "pay")),
        st.sampled_from(ACTS),
    )
    return st.lists(row, max_size=12, unique=True).map(lambda rows: tuple(sorted(rows)))


def authority_links() -> st.SearchStrategy[tuple[Link, ...]]:
    """Offices held and substitutions; circles among substitutes are possible, chains stay within Casbin's ten."""
    link = st.builds(Link, st.sampled_from(PERSONS), st.sampled_from((*PERSONS, *OFFICES)))
    return st.lists(link, max_size=6, unique=True).map(lambda links: tuple(sorted(links)))
