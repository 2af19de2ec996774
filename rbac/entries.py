"""The kinds this room writes, with the members of each payload. A released pair (kind, schema) never changes.

`release` is {change_request, version, digest}, the change request's word on what was approved; `name` of a person is
always a commitment. Instants are integers, microseconds.
"""

from collections.abc import Mapping
from types import MappingProxyType

PERSON_REGISTERED = "person.registered"
PERSON_CHANGED = "person.changed"
ACTOR_REGISTERED = "actor.registered"
ACTOR_CHANGED = "actor.changed"
ROLE_ASSIGNED = "role.assigned"
ROLE_UNASSIGNED = "role.unassigned"
PERSON_ATTRIBUTE_GIVEN = "person_attribute.given"
PERSON_ATTRIBUTE_ENDED = "person_attribute.ended"
ACCESS_POLICY_RELEASED = "access_policy.released"
CEREMONY_HELD = "ceremony.held"

KINDS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType(
    {
        # subject: the person. `actor` is the id of the actor made for the person.
        (PERSON_REGISTERED, 1): ("person", "ref", "name", "actor", "status", "release", "result"),
        (PERSON_CHANGED, 1): ("person", "name", "status", "release", "result"),
        # subject: the actor. `kind` is `service` or `agent`.
        (ACTOR_REGISTERED, 1): ("actor", "kind", "title", "status", "release", "result"),
        (ACTOR_CHANGED, 1): ("actor", "title", "status", "release", "result"),
        # subject: the actor who gains or loses the role.
        (ROLE_ASSIGNED, 1): (
            "assignment", "name", "actor", "role", "domain", "valid_from", "valid_until", "release", "result",
        ),
        (ROLE_UNASSIGNED, 1): ("assignment", "actor", "valid_until", "release", "result"),
        # subject: the person. `attribute` is `skill` or `unit`, `name` that of the artefact which governs it.
        (PERSON_ATTRIBUTE_GIVEN, 1): (
            "person", "name", "attribute", "value", "valid_from", "valid_until", "release", "result",
        ),
        (PERSON_ATTRIBUTE_ENDED, 1): ("person", "name", "valid_until", "release", "result"),
        # subject: `access-policy:<name>`. `digest` is that of `value`, the canonical value of the policy.
        (ACCESS_POLICY_RELEASED, 1): ("name", "number", "digest", "value", "authors", "approvers", "release", "result"),
        # subject: `ceremony:bootstrap`. `holders` are the two persons; lists hold members as in the kinds above.
        (CEREMONY_HELD, 1): ("holders", "persons", "actors", "policy", "assignments", "result"),
        # the same for an organisation marked demo. `demo`, a commitment: the accounts that links may sign in to.
        (CEREMONY_HELD, 2): ("holders", "persons", "actors", "policy", "assignments", "demo", "result"),
    }
)  # fmt: skip
