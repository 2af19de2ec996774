"""What Casbin is given: a policy and the authority register as plain rows. Pure; `rbac.enforcer` loads them.

Access rows are exact: one for each role, domain, object and action a rule reaches, so no pattern and no wildcard
stands in an indexed column. `src` is the role that states the rule; Casbin follows the role links to it once more.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ledger import canonical
from ledger.errors import BrokenInput, TooLarge
from rbac.permission import check_slug, check_typed
from rbac.roles import AccessPolicy, rule_id
from rbac.source_texts import tell

ROWS_MAX = 500_000  # about 400 bytes each once loaded: more would not fit beside a second snapshot
ROLE = "role:"


class AccessRow(NamedTuple):
    """(asking role, domain, object, action, effect, role that states the rule, rule id)."""

    sub: str
    dom: str
    obj: str
    act: str
    eft: str
    src: str
    rule: str


class AuthorityRow(NamedTuple):
    """One grant reaching one outcome of one step of one blueprint. `subject` is `person:...` or `office:...`."""

    grant: str
    subject: str
    domain: str
    decision_kind: str
    blueprint: str
    step: str
    outcome: str


class Link(NamedTuple):
    """`member` may act as `holder`: a person as the office they hold, a substitute as the person absent."""

    member: str
    holder: str


def access_rows(policy: AccessPolicy) -> tuple[AccessRow, ...]:
    """Every row of the policy, sorted and distinct."""
    inside: dict[str, list[str]] = {name: [] for name in policy.domain_names()}
    for domain in policy.domain_names():
        for outer in policy.chain(domain):
            inside[outer].append(domain)
    roles = {role.name: role for role in policy.roles}
    rows: set[AccessRow] = set()
    for role in policy.roles:
        for source in policy.paths(role.name):
            for rule in roles[source].rules:
                name = rule_id(source, rule)
                for domain in inside[rule.within]:
                    rows.add(
                        AccessRow(
                            ROLE + role.name,
                            domain,
                            rule.object.value,
                            rule.action.value,
                            rule.effect.value,
                            ROLE + source,
                            name,
                        )
                    )
            if len(rows) > ROWS_MAX:
                raise TooLarge(f"expected a policy of at most {ROWS_MAX} rows")
    return tuple(sorted(rows))


def role_links(policy: AccessPolicy) -> tuple[Link, ...]:
    """The includes of the policy as grouping rows."""
    return tuple(sorted(Link(ROLE + role.name, ROLE + name) for role in policy.roles for name in role.includes))


def check_authority(rows: Iterable[AuthorityRow], links: Iterable[Link]) -> None:
    """`BrokenInput` for a blank field, an untyped id, or a link that leads from an office."""
    for row in rows:
        if not all(row):
            raise BrokenInput("expected no blank field in an authority row")
        check_typed(row.subject, "person", "office")
        check_slug(row.domain, tell("a-domain"))
    for link in links:
        check_typed(link.member, "person")
        check_typed(link.holder, "person", "office")


def authority_digest(rows: Iterable[AuthorityRow], links: Iterable[Link]) -> str:
    """base64url(SHA-256) over the sorted, distinct rows and links."""
    value = {"rows": [list(r) for r in sorted(set(rows))], "links": [list(k) for k in sorted(set(links))]}
    return canonical.digest(value)


def reachable(start: str, links: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Whom `start` may act as, itself included, each with the shortest path to it."""
    paths: dict[str, tuple[str, ...]] = {start: (start,)}
    queue = [start]
    for current in queue:
        for holder in links.get(current, ()):
            if holder not in paths:
                paths[holder] = (*paths[current], holder)
                queue.append(holder)
    return paths
