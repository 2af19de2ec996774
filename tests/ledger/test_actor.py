"""Who counts as acting, and when that is a person."""

from itertools import product

import pytest

from ledger.actor import API_KEY, SYSTEM, Actor, ActorKind, acting, is_person, person_acting
from ledger.ids import ActorId, PersonId

OWNER = PersonId("person:owner")


@pytest.mark.parametrize(
    ("kind", "person", "method"), [*product(ActorKind, (None, PersonId(""), OWNER), ("", "password", API_KEY))]
)
def test_nobody_but_a_person_by_a_sign_in_of_their_own_is_one(
    kind: ActorKind, person: PersonId | None, method: str
) -> None:
    actor = Actor(ActorId("svc:intake"), kind, person, method)
    assert is_person(actor) is ((kind, person) == (ActorKind.PERSON, OWNER) and method != API_KEY)


def test_a_person_counts_once_whatever_account_they_use() -> None:
    assert acting(Actor(ActorId("account:2"), ActorKind.PERSON, OWNER)) == acting(person_acting(OWNER)) == OWNER
    assert acting(SYSTEM) == SYSTEM.id
    assert is_person(person_acting(OWNER))
