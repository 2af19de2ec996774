"""Released versions: retirement, classed sources, rows edited behind our back, caching."""

from dataclasses import replace

import pytest

from ledger import canonical
from ledger.actor import Actor
from ledger.clock import Instant
from ledger.errors import BrokenState
from ledger.ids import ActorId
from ledger.refusal import Reason
from tests.versioning.change.world import ANNA, BEN, ROBOT, World, done, reason
from versioning import service, tables
from versioning.commands import RetireArtefact


@pytest.fixture
def world() -> World:
    return World()


CONNECTOR = """\
connector: core-banking
base_url: https://core.example.com
operations:
  book: {method: POST, path: /loans}
"""


def test_retiring_goes_through_a_change_request(world: World) -> None:
    versions = service.Versions()
    retire = RetireArtefact("connector", "core-banking", 1, "t", "r")
    assert reason(world.run(ANNA, retire)) is Reason.NOT_FOUND
    world.put_in_force(CONNECTOR, kind="connector")
    assert versions.names(world.log.uow(ANNA), "connector") == ("core-banking",)
    assert reason(world.run(ANNA, replace(retire, base_version=2))) is Reason.BASE_MOVED
    change_id = str(done(world.run(ANNA, retire)).result["change_request"])
    assert reason(world.edit(ANNA, change_id, CONNECTOR)) is Reason.WRONG_STATE
    assert reason(world.release(change_id)) is Reason.NOT_APPROVED
    assert reason(world.review(ANNA, change_id)) is Reason.OWN_CHANGE
    done(world.review(BEN, change_id))
    done(world.release(change_id))
    assert versions.current(world.log.uow(ANNA), "connector", "core-banking") is None
    newest = versions.newest(world.log.uow(ANNA), "connector", "core-banking")
    assert newest is not None
    assert (newest.number, newest.value) == (2, {"retired": True})
    assert versions.names(world.log.uow(ANNA), "connector") == ()
    assert world.log.rows.get(tables.LISTING, "connector", "core-banking").retired == 1
    assert reason(world.run(ANNA, replace(retire, base_version=2))) is Reason.NOT_FOUND
    world.put_in_force(CONNECTOR, 2, "connector")
    assert versions.current(world.log.uow(ANNA), "connector", "core-banking") is not None


def test_kinds_that_are_replaced_are_not_retired(world: World) -> None:
    world.put_in_force("a: 1")
    assert reason(world.run(ANNA, RetireArtefact("note", "a", 1, "t", "r"))) is Reason.WRONG_STATE


def test_a_personal_source_stands_nowhere_in_clear(world: World) -> None:
    world.put_in_force("staff-7: Ada Exemplar", kind="secret")
    assert b"Exemplar" not in b"".join(world.log.entries)
    assert "Exemplar" not in repr(world.log.rows.tables)
    clear = canonical.digest({"kind": "secret", "name": "staff-7", "source": "staff-7: Ada Exemplar", "value": {}})
    assert clear.encode() not in b"".join(world.log.entries)
    versions = service.Versions()
    uow = world.log.uow(ANNA)
    world.log.now = Instant(world.log.now + 1)
    found = versions.current(uow, "secret", "staff-7")
    assert found is not None
    assert (found.value, found.sealed) == ({"text": "Ada Exemplar"}, True)
    world.log.openings.clear()
    erased = versions.current(uow, "secret", "staff-7")
    assert erased is not None
    assert (erased.value, erased.source) == (None, None)


def test_reasons_are_sealed(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    done(world.review(BEN, change_id))
    for data in world.log.entries:
        assert set(canonical.decode(data)["payload"]["reason"]) == {"$commitment"}
    assert canonical.decode(world.log.entries[0])["payload"]["title"] == "a title"


def test_an_edited_version_row_is_refused_at_use(world: World) -> None:
    world.put_in_force("a: 1")
    row = world.log.rows.get(tables.ARTEFACT_VERSION, "note", "a", 1)
    for change in ({"value": '{"text":"2"}'}, {"source": '"a: 2"'}, {"digest": "x"}, {"value": "{ }"}):
        world.log.rows.put(tables.ARTEFACT_VERSION, row._replace(**change))
        with pytest.raises(BrokenState):
            service.Versions().current(world.log.uow(ANNA), "note", "a")


def test_an_edited_edit_row_is_not_released(world: World) -> None:
    change_id = world.propose(ANNA, "a: 1")
    done(world.review(BEN, change_id))
    row = world.log.rows.get(tables.CHANGE_EDIT, change_id, 1)
    world.log.rows.put(tables.CHANGE_EDIT, row._replace(source='"a: 2"'))
    assert reason(world.release(change_id)) is Reason.APPROVAL_STALE
    world.log.rows.put(tables.CHANGE_EDIT, row._replace(digest="x"))
    with pytest.raises(BrokenState):
        world.release(change_id)


def test_versions_are_found_by_number_and_digest(world: World) -> None:
    world.put_in_force("a: 1")
    world.put_in_force("a: 2", 1)
    world.put_in_force("a: 1", 2)
    world.log.now = Instant(world.log.now + 1)
    versions, uow = service.Versions(), world.log.uow(ANNA)
    first = versions.version(uow, "note", "a", 1)
    assert first is not None
    assert versions.version(uow, "note", "a", 1) is first
    newest = versions.by_digest(uow, first.digest)
    assert newest is not None
    assert newest.number == 3
    assert versions.by_digest(uow, "none") is None
    assert versions.version(uow, "note", "a", 9) is None
    assert versions.current(uow, "note", "b") is None


def test_a_version_of_the_running_batch_is_not_kept(world: World) -> None:
    world.put_in_force("a: 1")
    versions, uow = service.Versions(), world.log.uow(ANNA)
    row = world.log.rows.get(tables.ARTEFACT_VERSION, "note", "a", 1)
    assert row.released_at == world.log.now
    assert versions.version(uow, "note", "a", 1) is not versions.version(uow, "note", "a", 1)


def test_a_service_may_propose_but_its_approval_is_a_persons(world: World) -> None:
    change_id = world.propose(ROBOT, "a: 1")
    assert world.change(change_id).authors == ("svc:robot",)
    assert reason(world.review(Actor(ActorId("svc:other"), ROBOT.kind), change_id)) is Reason.NOT_A_PERSON
    done(world.review(ANNA, change_id))
    done(world.release(change_id))
