"""Who acts: a person, a service, an agent, or the system itself."""

from dataclasses import dataclass
from enum import StrEnum

from ledger.ids import ActorId, PersonId

API_KEY = "api-key"  # the method of who came with a key: what it does is never a person's own act


class ActorKind(StrEnum):
    PERSON = "person"
    SERVICE = "service"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """An authenticated actor, as the identity layer hands it in.

    `person` is the natural person behind a person actor: one person counts once whatever accounts they use.
    `method` is how they proved it (`password`, `api-key`, `system`); `sign_in` the reference of the sign-in session
    or API key.
    `scope` narrows what a credential may use of the actor's rights to (role, domain) pairs; None narrows nothing.
    It is not repeated in entries: the entry that `sign_in` leads to states it.
    """

    id: ActorId
    kind: ActorKind
    person: PersonId | None = None
    method: str = ""
    sign_in: str | None = None
    on_behalf_of: PersonId | None = None
    scope: tuple[tuple[str, str], ...] | None = None

    def as_value(self) -> dict[str, str]:
        """The entry's `actor` field: members that are not set are absent."""
        value = {"id": str(self.id), "kind": str(self.kind)}
        if self.person is not None:
            value["person"] = self.person
        if self.method:
            value["method"] = self.method
        if self.sign_in is not None:
            value["sign_in"] = self.sign_in
        if self.on_behalf_of is not None:
            value["on_behalf_of"] = self.on_behalf_of
        return value


def acting(actor: Actor) -> str:
    """Who counts as acting: the natural person, else the actor."""
    return actor.person if actor.person is not None else actor.id


def is_person(actor: Actor) -> bool:
    """Whether a natural person acts, by a sign-in of their own and not by a key."""
    return actor.kind is ActorKind.PERSON and bool(actor.person) and actor.method != API_KEY


def person_acting(person: str, method: str = "") -> Actor:
    """A person as who acts, where it is asked what they may."""
    return Actor(ActorId(person), ActorKind.PERSON, PersonId(person), method)


SYSTEM = Actor(ActorId("system:muniment"), ActorKind.SYSTEM, method="system")
