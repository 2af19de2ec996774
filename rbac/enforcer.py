"""Casbin, and nothing else in the house touches it: access by role, and named authority by grant.

Snapshots are immutable: a new policy or register means a new snapshot beside the old one, checked by digest, warmed,
and swapped by its holder with one assignment. Casbin itself is not safe across threads (it keeps the filter of the
running call in the shared model, and it parses the matcher anew for each call), so one lock guards the library and
the parsed matcher is kept. Whatever goes wrong inside a check is a refusal, never a permit.
"""

import hashlib
import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

import casbin

from ledger.errors import BrokenInput, BrokenState
from ledger.refusal import Reason, Refusal
from rbac.permission import PERMISSIONS, is_slug
from rbac.refusal_texts import why
from rbac.roles import MODEL, AccessPolicy, policy_digest
from rbac.snapshot import (
    ROLE,
    AccessRow,
    AuthorityRow,
    Link,
    access_rows,
    authority_digest,
    check_authority,
    reachable,
    role_links,
)

_HERE = Path(__file__).parent
# Number of a model -> file and digest. Released models never change; another meaning is another number and file.
ACCESS_MODELS = {1: ("access_model.conf", "398f45eded53c8d64c5978d4f3071abd87a638ab76aa8f3da259054e1ddaf712")}
AUTHORITY_MODELS = {1: ("authority_model.conf", "a928826881eff3643c9882998a538065dd8cc77d5a66ed65a8d9c43ef2b2b689")}
RESULTS_MAX = 65_536  # results kept per snapshot, about 20 MB when all differ
ENFORCERS_MAX = 256  # authority enforcers kept across snapshots: domains times decision kinds of several registers

_LOCK = RLock()  # the one lock around the library


class RolePermit(NamedTuple):
    """One role may: every rule that allows, and the path from the role to each role that states one."""

    rules: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...]


class _Enforcer(casbin.FastEnforcer):  # type: ignore[misc]  # casbin carries no types
    """A FastEnforcer that parses its matcher once and logs nothing (the library logs refused requests in clear)."""

    _expression: Any = None

    def _get_expression(self, expr: str, functions: Any = None) -> Any:
        if self._expression is None:
            self._expression = casbin.FastEnforcer._get_expression(expr, functions)
        return self._expression


_SILENT = logging.Logger("muniment.casbin", level=logging.CRITICAL + 1)


@cache
def _model_text(name: str, digest: str) -> str:
    data = (_HERE / name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise BrokenState(f"expected the released text of {name}, found another")
    return data.decode("ascii")


def _load(model: tuple[str, str], key: tuple[int, ...], rows: Iterable[tuple[str, ...]], links: Iterable[Link]) -> Any:
    """A loaded enforcer. Rows go straight into the index: the library's own loader is quadratic in them."""
    with _LOCK:
        fast = casbin.FastEnforcer.new_model(_KeyOrder(key), text=_model_text(*model))
        enforcer = _Enforcer(fast, cache_key_order=key)
        enforcer.logger = _SILENT
        index = enforcer.model["p"]["p"].policy
        for row in rows:
            if not all(row):
                raise BrokenInput("expected no blank field in a policy row")
            index.append(row)
        enforcer.model["g"]["g"].policy = [list(link) for link in links]
        enforcer.build_role_links()
        return enforcer


class _KeyOrder:
    """Stands in for `self` where the library makes a model: it reads only the order of the index."""

    def __init__(self, order: tuple[int, ...]) -> None:
        self._cache_key_order = order


class AccessSnapshot:
    """One access policy, ready to be asked. Thread-safe. Build with `AccessSnapshot.build`."""

    def __init__(self, policy: AccessPolicy, digest: str, rows: tuple[AccessRow, ...]) -> None:
        self.policy = policy
        self.digest = digest
        self.rows = len(rows)
        self._outer = {name: frozenset(policy.chain(name)) for name in policy.domain_names()}
        self._paths = {role.name: policy.paths(role.name) for role in policy.roles}
        self._by_key: dict[tuple[str, str, str, str], list[AccessRow]] = {}
        for row in rows:
            self._by_key.setdefault(row[:4], []).append(row)
        self._results: dict[tuple[str, str, str, str], RolePermit | Refusal] = {}
        self._enforcer = _load(ACCESS_MODELS[MODEL], (0, 1, 2, 3), rows, role_links(policy))

    @classmethod
    def build(cls, policy: AccessPolicy, expected_digest: str | None = None) -> "AccessSnapshot":
        """The snapshot of a policy; `BrokenState` when its digest is not the expected one, `BrokenInput` if empty."""
        digest = policy_digest(policy)
        if expected_digest is not None and digest != expected_digest:
            raise BrokenState("expected an access policy with the released digest, found another")
        rows = access_rows(policy)
        if not rows:
            raise BrokenInput("expected an access policy with at least one rule")
        snapshot = cls(policy, digest, rows)
        snapshot._warm(rows)
        return snapshot

    def _warm(self, rows: tuple[AccessRow, ...]) -> None:
        """One allowing and one refused check: what fails here fails before the snapshot is in use."""
        key = rows[0][:4]
        if self.enforce(*key) != all(row.eft == "allow" for row in self._by_key[key]):
            raise BrokenState("expected the loaded policy to answer as its rows say")
        if self.enforce("role:-", "-", "-", "-"):
            raise BrokenState("expected the loaded policy to refuse an unknown role")

    def covers(self, assigned: str, domain: str) -> bool:
        """Whether an assignment in one domain counts in the other: the same, or one it lies in."""
        return assigned in self._outer.get(domain, frozenset())

    def check(self, role: str, domain: str, obj: str, act: str) -> RolePermit | Refusal:
        """May this role do this there. Refusals: NO_RULE, or DENIED with the rules that deny."""
        key = (role, domain, obj, act)
        try:
            found = self._results.get(key)
        except TypeError:  # an unhashable field is no text
            return _NO_RULE
        return found if found is not None else self._ask(key)

    def _ask(self, key: tuple[str, str, str, str]) -> RolePermit | Refusal:
        role, domain, obj, act = key
        # Unknown names are refused before the library: it would remember each of them, and a blank could match.
        if role not in self._paths or domain not in self._outer or (obj, act) not in PERMISSIONS:
            return _NO_RULE
        result = self._judge((ROLE + role, domain, obj, act))
        if result is _FAULT:
            return result
        with _LOCK:
            if len(self._results) >= RESULTS_MAX:
                self._results.pop(next(iter(self._results)))
            self._results[key] = result
        return result

    def _judge(self, key: tuple[str, str, str, str]) -> RolePermit | Refusal:
        """Casbin decides; our own reading of the same rows explains, and both must agree to permit."""
        try:
            permitted = self.enforce(*key)
        except Exception:  # nothing fails open: a fault of the library is a refusal
            return _FAULT
        rows = self._by_key.get(key, ())
        denies = tuple(row.rule for row in rows if row.eft == "deny")
        if denies:
            return Refusal(Reason.DENIED, why("denied-by-rule"), tuple(("rule", rule) for rule in denies))
        if not permitted or not rows:
            return _NO_RULE
        paths = self._paths[key[0].removeprefix(ROLE)]
        sources = sorted({row.src.removeprefix(ROLE) for row in rows})
        return RolePermit(tuple(row.rule for row in rows), tuple(paths[source] for source in sources))

    def enforce(self, *request: str) -> bool:
        """Casbin's bare answer to (role:name, domain, object, action), uncached; for `check` and for tests."""
        with _LOCK:
            return self._enforcer.enforce(*request) is True


_NO_RULE = Refusal(Reason.NO_RULE, why("no-rule"))
_FAULT = Refusal(Reason.DENIED, why("policy-fault"))


class EnforcerShelf:
    """Authority enforcers by the digest of their rows: a new register rebuilds only what changed in it."""

    def __init__(self, size_max: int = ENFORCERS_MAX) -> None:
        self._size_max = size_max
        self._enforcers: dict[str, Any] = {}

    def take(self, rows: tuple[AuthorityRow, ...], links: tuple[Link, ...]) -> Any:
        digest = authority_digest(rows, links)
        with _LOCK:
            found = self._enforcers.pop(digest, None)
            if found is None:
                lines = [(r.subject, r.blueprint, r.step, r.outcome, r.grant, "allow") for r in rows]
                found = _load(AUTHORITY_MODELS[1], (4, 1, 2, 3), lines, links)
            self._enforcers[digest] = found  # last in order: the one used longest ago goes first
            if len(self._enforcers) > self._size_max:
                self._enforcers.pop(next(iter(self._enforcers)))
            return found

    def __len__(self) -> int:
        return len(self._enforcers)


class AuthoritySnapshot:
    """The released authority register, ready to be asked which grants name a person. Thread-safe."""

    def __init__(
        self, rows: Iterable[AuthorityRow], links: Iterable[Link], digest: str, shelf: EnforcerShelf | None = None
    ) -> None:
        """`digest` is `rbac.snapshot.authority_digest` of rows and links; `BrokenState` when they have another."""
        every, every_link = tuple(sorted(set(rows))), tuple(sorted(set(links)))
        check_authority(every, every_link)
        if authority_digest(every, every_link) != digest:
            raise BrokenState("expected an authority register with the released digest, found another")
        self.digest = digest
        self._shelf = shelf if shelf is not None else EnforcerShelf()
        self._links = _by_member(every_link)
        self._members = _by_member(Link(link.holder, link.member) for link in every_link)
        self._rows: dict[tuple[str, str], list[AuthorityRow]] = {}
        self._subjects: dict[str, set[str]] = {}
        self._candidates: dict[tuple[str, ...], list[AuthorityRow]] = {}
        for row in every:
            self._rows.setdefault((row.domain, row.decision_kind), []).append(row)
            self._subjects.setdefault(row.domain, set()).add(row.subject)
            self._candidates.setdefault((row.subject, *row[2:]), []).append(row)
        self._enforcers: dict[tuple[str, str], Any] = {}
        self._results: dict[tuple[str, ...], tuple[str, ...]] = {}

    def named(self, person: str, domain: str, kind: str, act: tuple[str, str, str]) -> tuple[str, ...]:
        """Ids of the grants Casbin names for this person and `act` = (blueprint, step, outcome), sorted.

        Empty for unknown, blank or malformed fields and on any fault of the library.
        """
        request = (person, domain, kind, *act)
        try:
            found = self._results.get(request)
            if found is not None:
                return found
            if not person.startswith("person:") or not all(request) or not is_slug(domain):
                return ()
            found = tuple(sorted(g for g in self._grants(request) if self.enforce(request, g)))
        except Exception:  # nothing fails open: a fault names nobody
            return ()
        with _LOCK:
            if len(self._results) >= RESULTS_MAX:
                self._results.pop(next(iter(self._results)))
            self._results[request] = found
        return found

    def enforce(self, request: tuple[str, ...], grant: str) -> bool:
        """Casbin's bare answer for one grant; `request` is (person, domain, kind, blueprint, step, outcome)."""
        person, domain, kind, blueprint, step, outcome = request
        if (domain, kind) not in self._rows:
            return False
        with _LOCK:
            enforcer = self._enforcers.get((domain, kind))
            if enforcer is None:
                enforcer = self._enforcers[domain, kind] = self._take(domain, kind)
            return enforcer.enforce(person, blueprint, step, outcome, grant) is True

    def ever_named(self, person: str, domain: str) -> bool:
        """Whether any grant of this domain, of whatever kind and state, reaches the person: NO_GRANT otherwise."""
        subjects = self._subjects.get(domain, set())
        return any(subject in subjects for subject in reachable(person, self._links))

    def path(self, person: str, subject: str) -> tuple[str, ...]:
        """From the person to the subject of a grant, over offices and substitutions; empty when there is none."""
        return reachable(person, self._links).get(subject, ())

    def _grants(self, request: tuple[str, ...]) -> set[str]:
        """Grants worth asking about: only those whose subject the person can reach; Casbin still judges each."""
        person, *rest = request
        rows = (self._candidates.get((subject, *rest), ()) for subject in reachable(person, self._links))
        return {row.grant for found in rows for row in found}

    def _take(self, domain: str, kind: str) -> Any:
        rows = tuple(self._rows[domain, kind])
        reached: set[str] = set()
        for subject in {row.subject for row in rows}:
            reached.update(reachable(subject, self._members))
        links = tuple(
            Link(member, holder)
            for member, holders in sorted(self._links.items())
            for holder in holders
            if holder in reached
        )
        return self._shelf.take(rows, links)


def _by_member(links: Iterable[Link]) -> dict[str, tuple[str, ...]]:
    by_member: dict[str, list[str]] = {}
    for link in links:
        by_member.setdefault(link.member, []).append(link.holder)
    return {member: tuple(sorted(holders)) for member, holders in by_member.items()}
