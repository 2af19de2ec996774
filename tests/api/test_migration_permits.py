"""The permit of who lets an instance go on under another version is derived again, as proposed and as confirmed."""

from typing import Any

from api.rederivers import _Acts
from ledger.rederiving import Seen

STARTED = {"t": "instance.started", "domain": "finance"}
PROPOSED = {"id": "ap_1", "act": "migrate", "role": "owners", "said": {"version": "d2", "number": 2, "moves": []}}
ENTRIES = (("instance.started", {"transitions": [STARTED]}), ("act.proposed", {"proposed": PROPOSED}))


def asked(kind: str, **payload: Any) -> tuple[Any, ...]:
    before = [
        Seen(place, place - 1 if place else None, {"kind": name, "subject": "pi_1", "payload": said})
        for place, (name, said) in enumerate(ENTRIES)
    ]
    seen = Seen(2, 1, {"kind": kind, "subject": "pi_1", "payload": payload})
    found = _Acts().asked(seen, before.__getitem__, None)  # type: ignore[arg-type]
    assert found is not None
    return found.act, found.domains, found.roles


def test_a_migration_needs_its_permission_in_the_domain_of_the_instance() -> None:
    migrate, here = ("instance", "migrate"), ("finance",)
    assert asked("instance.migrated") == (migrate, here, ())
    assert asked("act.proposed", proposed=PROPOSED) == (migrate, here, ())
    assert asked("act.rejected", closes={"id": "ap_1", "as": "rejected", "act": "migrate"}) == (migrate, here, ())


def test_who_confirms_one_needs_the_role_of_a_second_person_too() -> None:
    closes = {"id": "ap_1", "as": "confirmed", "by": "person:bob"}
    assert asked("instance.migrated", closes=closes) == (("instance", "migrate"), ("finance",), ("owners",))
