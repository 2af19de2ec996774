"""Acts on many instances at once: which they are is fixed when it is asked for, and each is an act of its own.

Each item is carried out by the runner in the name of who asked, under the head lock, with the rights they have then: it
is done, proposed or refused as if they had asked for it alone, and its own entry says so. So what a killed process
had not reached is still waiting in rows, nothing is done twice, and the totals are what is on record.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from ledger.actor import Actor, ActorKind, is_person
from ledger.entry import EntryDraft
from ledger.ids import ActorId, PersonId
from ledger.refusal import Reason, Refusal
from ledger.work import OWN_ID, Done, UnitOfWork
from orchestrator import commands as c
from orchestrator import entries, tables
from orchestrator.act import NOT_FOUND, Act
from orchestrator.bulk_tables import BULK, BULK_ITEM, BulkRow
from orchestrator.governed import Steering, carry
from orchestrator.on_incidents import resolve_in
from orchestrator.ports import Deps, Permitted
from orchestrator.recording import basis_of, person_of
from orchestrator.refusal_texts import why
from orchestrator.sealing import opened
from orchestrator.steering import Resume, Suspend
from orchestrator.store import Query
from orchestrator.turned_down import NOT_A_PERSON
from orchestrator.unrecordable import unfit

ITEMS_MAX = 1_000  # of one act; a filter that finds more is asked for in parts
REASON_PATH = "bulk.reason"


def start_bulk(deps: Deps, uow: UnitOfWork, command: c.StartBulk) -> Done | Refusal:
    """Record what is to be done with which instances or incidents; the runner does it, one after the other."""
    items = tuple(dict.fromkeys(command.items))
    if not 0 < len(items) <= ITEMS_MAX:
        return Refusal(Reason.INVALID_DATA, why("items-counted", most=ITEMS_MAX, found=len(items)))
    if (command.act == "resolve") is not bool(command.how):
        return Refusal(Reason.INVALID_DATA, why("bulk-resolution"))
    if not is_person(uow.actor):
        # A key's scope does not stand in entries, so it could not be kept to when the items are reached.
        return NOT_A_PERSON
    permit = _permit(deps, uow, command.act, items)
    if isinstance(permit, Refusal):
        return permit
    bulk = uow.ids.ordered("bk", uow.now)
    result = {"bulk": bulk, "total": len(items)}
    said = {"how": command.how} if command.how else {}
    payload: dict[str, Any] = {"act": command.act, "said": said, "items": [*items], "result": result}
    if command.reason:
        payload["reason"] = uow.seal(bulk, REASON_PATH, command.reason, data_class="confidential")
    basis = basis_of(permit)
    uow.stage(EntryDraft(entries.BULK_STARTED, entries.SCHEMA, bulk, payload, person_of(uow.actor), basis))
    return Done("started", result)


def _permit(deps: Deps, uow: UnitOfWork, act: str, items: Sequence[str]) -> Permitted | Refusal:
    """That who asks may do this somewhere at all: in the domain of one of the items. Each is judged when reached."""
    asked = ("incident", "resolve") if act == "resolve" else ("instance", act)
    domains: set[str] = set()
    refusal = NOT_FOUND
    for item in items:
        row = uow.get(tables.INSTANCE, c.split_id(item)[0] if act == "resolve" else item)
        if row is None or row.domain in domains:
            continue
        domains.add(row.domain)
        permit = deps.access.check(uow, uow.actor, row.domain, *asked)
        if not isinstance(permit, Refusal):
            return permit
        refusal = permit
    return refusal


def carry_out_item(deps: Deps, uow: UnitOfWork, command: c.CarryOutItem) -> Done | Refusal:
    """Do one item of an act on many; sent by the runner in the name of who asked for it."""
    bulk, item = uow.get(BULK, command.bulk), uow.get(BULK_ITEM, command.bulk, command.place)
    if bulk is None or item is None:
        return Refusal(Reason.NOT_FOUND, why("no-such-item"))
    if actor_of(bulk.actor) != uow.actor:
        return Refusal(Reason.DENIED, why("not-the-runner-for-asker"))
    if item.state != "waiting":
        return Refusal(Reason.WRONG_STATE, why("item-reached"))
    act = Act(uow, deps)
    act.bulk = {"id": command.bulk, "place": command.place}
    done = unfit(command.unfit) if command.unfit else _carry(act, bulk, item.item)
    if isinstance(done, Done):
        return done
    result = {"bulk": command.bulk, "place": command.place}
    told = {"place": command.place, "item": item.item, "reason": done.reason.value, "message": str(done.message)}
    uow.stage(EntryDraft(entries.BULK_REFUSED, entries.SCHEMA, command.bulk, {**told, "result": result}))
    return Done("refused", result)


def _carry(act: Act, bulk: BulkRow, item: str) -> Done | Refusal:
    sealed = orjson.loads(bulk.reason)
    reason = "" if sealed is None else (opened(act.uow, bulk.id, REASON_PATH, sealed) or "")
    if bulk.act == "resolve":
        return resolve_in(act, c.ResolveIncident(item, orjson.loads(bulk.said)["how"], {}, reason))
    subject = act.load(item)
    if subject is None:
        return NOT_FOUND
    command = {"suspend": Suspend(), "resume": Resume(), "cancel": c.CancelInstance(item)}[bulk.act]
    return carry(act, subject, Steering(bulk.act, command, reason))


def actor_of(recorded: str) -> Actor:
    """Who asked, as they are recorded: a person by a sign-in of their own, whose scope is not narrowed."""
    value = orjson.loads(recorded)
    return Actor(
        ActorId(value["id"]),
        ActorKind(value["kind"]),
        PersonId(value["person"]),
        value.get("method", ""),
        value.get("sign_in"),
        PersonId(value["on_behalf_of"]) if "on_behalf_of" in value else None,
    )


class Waiting(NamedTuple):
    """An item that is to be carried out, and in whose name."""

    actor: Actor
    command: c.CarryOutItem
    command_id: str


def waiting_items(query: Query, limit: int) -> list[Waiting]:
    """Items that are waiting, oldest act first: a scan of an index that holds those alone."""
    found = query(
        "SELECT bulk_item.bulk, bulk_item.place, bulk_act.actor FROM bulk_item JOIN bulk_act"
        " ON bulk_act.log_id = bulk_item.log_id AND bulk_act.id = bulk_item.bulk"
        " WHERE bulk_item.log_id = {log} AND bulk_item.state = 'waiting'"
        " ORDER BY bulk_item.bulk, bulk_item.place LIMIT ?",
        (limit,),
    )
    return [
        Waiting(actor_of(actor), c.CarryOutItem(bulk, place), f"{OWN_ID}{bulk}.{place}") for bulk, place, actor in found
    ]
