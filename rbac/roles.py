"""The access policy: roles, what each may and may not do, and the domains of the organisation, as one frozen value.

    access policy: acme
    domains:
      retail: {}                          # inside the organisation
      retail-uk: {inside: retail}
    roles:
      credit-officer:
        title: Credit officer
        includes: [clerk]                 # everything a clerk may do, and may not
        reads: [public, internal, confidential, personal]
        allow: {task: [read, claim, decide]}
        deny: {instance: [cancel]}
        within:                           # one domain and those inside it
          retail-uk: {allow: {evidence-pack: [pack]}}

A permission counts in the domain of the role assignment and the domains inside it. A deny beats every allow, from
whatever role. `digest` is that of the canonical value; comments and order of the source do not change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from ledger import canonical
from ledger.errors import BrokenInput, TooLarge
from ledger.wording import Wording, as_it_is, listed
from rbac.permission import CATALOGUE, FIELD_OBJECT, WHOLE, Action, DataClass, Object, is_slug, permission
from rbac.source import At, read_source
from rbac.source_texts import tell

MODEL = 1  # number of the Casbin model a policy is written for; another meaning gets another number
DEPTH_MAX = 5  # Casbin silently denies beyond ten links; five is more than people can follow
POLICY_BYTES_MAX = 48 * 1024  # the value stands in one entry of at most 60 KiB


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


class Rule(NamedTuple):
    """What a role states: effect, permission, and the domain it holds within."""

    effect: Effect
    object: Object
    action: Action
    within: str = WHOLE


@dataclass(frozen=True, slots=True)
class Role:
    """A bundle of permissions. `includes` are roles whose rules count here too."""

    name: str
    title: str = ""
    includes: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """`domains` maps each domain but the whole organisation to the one it lies in. Sorted by name throughout."""

    name: str
    domains: tuple[tuple[str, str], ...]
    roles: tuple[Role, ...]

    def domain_names(self) -> tuple[str, ...]:
        return (WHOLE, *(name for name, _ in self.domains))

    def chain(self, domain: str) -> tuple[str, ...]:
        """The domain and those it lies in, outermost last; empty for an unknown domain."""
        inside = dict(self.domains)
        if domain != WHOLE and domain not in inside:
            return ()
        chain = [domain]
        while chain[-1] != WHOLE:
            chain.append(inside[chain[-1]])
        return tuple(chain)

    def role(self, name: str) -> Role | None:
        return next((role for role in self.roles if role.name == name), None)

    def paths(self, name: str) -> dict[str, tuple[str, ...]]:
        """Every role whose rules count for this one, with the shortest path from it; empty for an unknown role."""
        roles = {role.name: role for role in self.roles}
        if name not in roles:
            return {}
        paths: dict[str, tuple[str, ...]] = {name: (name,)}
        queue = [name]
        for current in queue:
            for included in roles[current].includes:
                if included not in paths:
                    paths[included] = (*paths[current], included)
                    queue.append(included)
        return paths


def rule_id(role: str, rule: Rule) -> str:
    """How permits and refusals name a rule: `credit-officer/allow/task/decide/organisation`."""
    return f"{role}/{rule.effect}/{rule.object}/{rule.action}/{rule.within}"


def policy_value(policy: AccessPolicy) -> dict[str, Any]:
    """The canonical value: what the digest is taken of and what stands in the entry."""
    roles = {}
    for role in policy.roles:
        effects: dict[str, dict[str, dict[str, list[str]]]] = {}
        for rule in sorted(set(role.rules)):
            within = effects.setdefault(rule.effect.value, {}).setdefault(rule.within, {})
            within.setdefault(rule.object.value, []).append(rule.action.value)
        roles[role.name] = {"title": role.title, "includes": sorted(set(role.includes)), "rules": effects}
    return {"model": MODEL, "name": policy.name, "domains": dict(policy.domains), "roles": roles}


def policy_digest(policy: AccessPolicy) -> str:
    """base64url(SHA-256) of the canonical value."""
    return canonical.digest(policy_value(policy))


def policy_of(value: Any) -> AccessPolicy:
    """The policy of a canonical value; `BrokenInput` unless it is exactly one that `policy_value` makes."""
    try:
        roles = tuple(_role_of(name, body) for name, body in sorted(value["roles"].items()))
        policy = AccessPolicy(value["name"], tuple(sorted(value["domains"].items())), roles)
        same = canonical.encode(policy_value(policy)) == canonical.encode(value)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BrokenInput("expected the value of an access policy") from error
    if not same:
        raise BrokenInput("expected the canonical value of an access policy")
    if faults := policy_faults(policy):
        raise BrokenInput(faults[0][1])
    return policy


def _role_of(name: str, body: Mapping[str, Any]) -> Role:
    rules = [
        Rule(Effect(effect), *permission(obj, action), within)
        for effect, domains in body["rules"].items()
        for within, objects in domains.items()
        for obj, actions in objects.items()
        for action in actions
    ]
    return Role(name, body["title"], tuple(body["includes"]), tuple(sorted(rules)))


def policy_faults(policy: AccessPolicy) -> tuple[tuple[str, Wording], ...]:
    """What makes a policy unusable, as (path, message); paths are those `parse_policy` knows places for."""
    faults: list[tuple[str, Wording]] = []
    if not is_slug(policy.name):
        faults.append(("name", tell("policy-name")))
    domains = dict(policy.domains)
    faults += _domain_faults(domains)
    roles = {role.name: role for role in policy.roles}
    if not any(role.rules for role in policy.roles):
        faults.append(("roles", tell("role-with-rule")))
    for role in policy.roles:
        where = f"roles/{role.name}"
        if not is_slug(role.name):
            faults.append((where, tell("role-name")))
        faults += [
            (f"{where}/includes/{name}", tell("role-of-policy", found=as_it_is(name)))
            for name in role.includes
            if name not in roles
        ]
        faults += [
            (f"{where}/within/{rule.within}", tell("domain-of-policy", found=as_it_is(rule.within)))
            for rule in role.rules
            if rule.within != WHOLE and rule.within not in domains
        ]
    if not faults:
        faults += [
            (f"roles/{name}", tell("includes-circle", most=DEPTH_MAX))
            for name in roles
            if _depth(name, roles, 1) > DEPTH_MAX
        ]
    return tuple(faults)


def _domain_faults(domains: Mapping[str, str]) -> list[tuple[str, Wording]]:
    faults = []
    for name, inside in domains.items():
        where = f"domains/{name}"
        if not is_slug(name) or name == WHOLE:
            faults.append((where, tell("domain-name", whole=as_it_is(WHOLE))))
        elif inside != WHOLE and inside not in domains:
            faults.append((where, tell("domain-of-policy", found=as_it_is(inside))))
    if not faults:
        for name in domains:
            at, steps = name, 0
            while at != WHOLE and steps <= len(domains):
                at, steps = domains[at], steps + 1
            if at != WHOLE:
                faults.append((f"domains/{name}", tell("domains-circle")))
    return faults


def _depth(name: str, roles: Mapping[str, Role], depth: int) -> int:
    if depth > DEPTH_MAX:
        return depth
    return max((_depth(included, roles, depth + 1) for included in roles[name].includes), default=depth)


def parse_policy(text: str) -> AccessPolicy:
    """The policy of a YAML source; `BrokenInput` with line and column for the first fault."""
    root = read_source(text)
    members = root.record(("access policy", "roles"), ("domains",))
    places: dict[str, At] = {"name": members["access policy"], "roles": members["roles"]}
    domains = {}
    for key, value in members["domains"].members() if "domains" in members else ():
        places[f"domains/{key.text()}"] = key
        inside = None if value.is_blank() else value.record((), ("inside",)).get("inside")
        domains[key.text()] = WHOLE if inside is None else inside.text()
    roles = tuple(_parse_role(key, value, places) for key, value in members["roles"].members())
    policy = AccessPolicy(
        members["access policy"].text(), tuple(sorted(domains.items())), tuple(sorted(roles, key=lambda r: r.name))
    )
    for path, message in policy_faults(policy):
        places.get(path, root).fail(message)
    if len(canonical.encode(policy_value(policy))) > POLICY_BYTES_MAX:
        raise TooLarge(tell("policy-bytes", most=POLICY_BYTES_MAX))
    return policy


def _parse_role(key: At, body: At, places: dict[str, At]) -> Role:
    name = key.text()
    where = f"roles/{name}"
    places[where] = key
    members = body.record((), ("title", "includes", "reads", "allow", "deny", "within"))
    includes = []
    for item in members["includes"].items() if "includes" in members else ():
        includes.append(item.text())
        places[f"{where}/includes/{item.text()}"] = item
    rules: list[Rule] = []
    for item in members["reads"].items() if "reads" in members else ():
        if item.text() not in set(DataClass):
            item.fail(tell("one-of", known=listed(DataClass), found=as_it_is(item.text())))
        rules.append(Rule(Effect.ALLOW, FIELD_OBJECT[DataClass(item.text())], Action.READ))
    rules += _parse_effects(members, WHOLE)
    for domain, effects in members["within"].members() if "within" in members else ():
        places[f"{where}/within/{domain.text()}"] = domain
        rules += _parse_effects(effects.record((), ("allow", "deny")), domain.text())
    title = members["title"].text() if "title" in members else ""
    return Role(name, title, tuple(sorted(set(includes))), tuple(sorted(set(rules))))


def _parse_effects(members: Mapping[str, At], within: str) -> list[Rule]:
    rules = []
    for effect in Effect:
        for obj, actions in members[effect].members() if effect in members else ():
            if obj.text() not in set(Object):
                obj.fail(tell("object-of-catalogue", found=as_it_is(obj.text())))
            possible = CATALOGUE[Object(obj.text())]
            for action in actions.items():
                if action.text() not in possible:
                    action.fail(tell("one-of", known=listed(sorted(possible)), found=as_it_is(action.text())))
                rules.append(Rule(effect, Object(obj.text()), Action(action.text()), within))
    return rules
