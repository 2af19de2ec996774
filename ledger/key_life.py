"""The life of a log's keys on the record: commands, entry kinds and folds. The rules are in `ledger.key_rules`.

| kind | schema | subject | payload |
|---|---|---|---|
| key.enrolled | 1 | `log:<name>` | purpose, key_id, vkey, order, result |
| key.rotated | 1 | `log:<name>` | purpose, key_id, vkey, ends, order, result |
| key.retired | 1 | `log:<name>` | purpose, ends, order, result |
| key.compromised | 1 | `log:<name>` | purpose, ends, void_from, key_id, vkey, order, result |
| key.certified | 1 | `log:<name>` | list (a signed note), size, keys, previous (index of a list), result |

`order` is a signed note (`ledger.key_statements`) and says the same as the members beside it, which the fold reads. The
private key of a new key is in its file, durably, before the command is sent: a crash between the two leaves a file that
no entry names, and the command can be given again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.access_point import AccessPoint
from ledger.entry import Entry, EntryDraft, parse_entry
from ledger.errors import BrokenInput, BrokenState
from ledger.key_rules import by_age, fault_of, id_of, in_force, payload_of, signers_of
from ledger.key_statements import (
    CERTIFIED,
    COMPROMISED,
    ENROLLED,
    IDENTITY_KEY,
    RETIRED,
    ROTATED,
    KeyList,
    ListedKey,
    key_of,
    open_list,
    open_order,
    parse_order,
)
from ledger.note import Ed25519Verifier, parse_note
from ledger.reading import View
from ledger.refusal import Reason, Refusal
from ledger.refusal_texts import why
from ledger.rows import Folds, FoldView
from ledger.tables import LOG_KEY, LogKeyRow
from ledger.verify.plain_signatures import verify_ed25519
from ledger.wording import as_it_is, in_english, joined
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

WHOLE = "organisation"  # the keys are those of the whole organisation
IN_FORCE = "in force"
STATES = {ENROLLED: IN_FORCE, ROTATED: "rotated", RETIRED: "retired", COMPROMISED: "compromised"}
_ACTIONS = {ENROLLED: "issue", ROTATED: "issue", RETIRED: "revoke", COMPROMISED: "revoke"}
_ROWS = "SELECT purpose, vkey, from_size, to_size, void_from FROM log_key WHERE log_id = {log}"


class Asked(Protocol):
    """Whatever answers a query: a unit of work or a view."""

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class ChangeKeys:
    """Carry out a signed order about the keys of log `name`: enrol, rotate, retire, compromise."""

    name: str
    order: str


@dataclass(frozen=True, slots=True)
class CertifyKeys:
    """Keep a list of all keys that the identity key signed."""

    name: str
    key_list: str


def commands(access: AccessPoint) -> Commands:
    """The commands of this page."""

    def change(uow: UnitOfWork, command: ChangeKeys) -> Done | Refusal:
        return change_keys(access, uow, command)

    def certify(uow: UnitOfWork, command: CertifyKeys) -> Done | Refusal:
        return certify_keys(access, uow, command)

    return {
        ChangeKeys: CommandSpec("ChangeKeys", change, lambda command: f"log:{command.name}"),
        CertifyKeys: CommandSpec("CertifyKeys", certify, lambda command: f"log:{command.name}"),
    }


def folds() -> Folds:
    """The folds of this page."""
    return {
        (ENROLLED, 1): _fold_change,
        (ROTATED, 1): _fold_change,
        (RETIRED, 1): _fold_change,
        (COMPROMISED, 1): _fold_change,
        (CERTIFIED, 1): _fold_certified,
    }


def keys_on_record(rows: Asked) -> tuple[ListedKey, ...]:
    """All keys of the log, in the order in which they were put in force."""
    return by_age([ListedKey(*row) for row in rows.query(_ROWS)])


def newest_list(rows: Asked) -> int | None:
    """The index of the entry with the newest signed list of keys."""
    ((index,),) = rows.query("SELECT max(certified) FROM log_key WHERE log_id = {log}")
    return None if index is None else int(index)


def keys_value(rows: Asked) -> list[dict[str, Any]]:
    """Every key as plain data, in the order in which they were put in force."""
    columns = LogKeyRow._fields
    found = rows.query(f"SELECT {', '.join(columns)} FROM log_key WHERE log_id = {{log}}")
    said = [dict(zip(columns, row, strict=True)) for row in found]
    return sorted(said, key=lambda key: (key["from_size"], key["key_id"]))


def signed_lists(view: View) -> tuple[str, ...]:
    """The signed lists of keys, oldest first: what a verifier keeps beside the identity key it pinned."""
    found: list[str] = []
    index = newest_list(view)
    while index is not None:
        row = view.entry(index)
        if row is None:
            raise BrokenState(f"expected entry {index} with a list of keys, found none")
        payload = parse_entry(row.bytes).payload
        found.append(payload["list"])
        index = payload.get("previous")
    return tuple(reversed(found))


def change_keys(access: AccessPoint, uow: UnitOfWork, command: ChangeKeys) -> Done | Refusal:
    """Done with the act as its outcome and {act, purpose, key_id, ends}; refused without permission or signature."""
    order = parse_order(parse_note(command.order).text)
    permit = access.check(uow, uow.actor, WHOLE, "key", _ACTIONS[order.act])
    if isinstance(permit, Refusal):
        return permit
    keys = keys_on_record(uow)
    if order.origin != uow.origin:
        return Refusal(Reason.WRONG_STATE, why("order-of-other-log"))
    if (fault := fault_of(keys, order, uow.next_index)) is not None:
        return Refusal(Reason.WRONG_STATE, in_english(fault))
    try:
        open_order(command.order, [Ed25519Verifier(key_of(key), verify_ed25519) for key in signers_of(keys, order)])
    except BrokenInput:
        able = [
            why("key-of-purpose", purpose=as_it_is(key.purpose), key=as_it_is(id_of(key)))
            for key in signers_of(keys, order)
        ]
        who = joined(able, "list.or", " or ") or why("an-identity-key")
        return Refusal(Reason.SIGNATURE_WRONG, why("order-signature", who=who))
    payload = {**payload_of(order), "order": command.order}
    uow.stage(EntryDraft(order.act, 1, f"log:{command.name}", payload, basis={"permit": permit.as_basis()}))
    return Done(order.act.partition(".")[2], payload["result"])


def certify_keys(access: AccessPoint, uow: UnitOfWork, command: CertifyKeys) -> Done | Refusal:
    """Done `certified` with {size}; refused unless the identity key signed the list and it is that of the log now."""
    permit = access.check(uow, uow.actor, WHOLE, "key", "issue")
    if isinstance(permit, Refusal):
        return permit
    keys, before = keys_on_record(uow), newest_list(uow)
    identity = in_force(keys, IDENTITY_KEY)
    if identity is None:
        return Refusal(Reason.WRONG_STATE, why("no-identity-key"))
    try:
        listed = open_list(command.key_list, [Ed25519Verifier(key_of(identity), verify_ed25519)])
    except BrokenInput:
        return Refusal(Reason.SIGNATURE_WRONG, why("key-list-signature", key=as_it_is(id_of(identity))))
    if listed != KeyList(uow.origin, listed.size, keys) or listed.size > uow.next_index:
        return Refusal(Reason.STALE_REVISION, why("keys-changed-since"))
    result = {"size": listed.size}
    payload = {"list": command.key_list, "size": listed.size, "keys": sorted(map(id_of, keys)), "result": result}
    if before is not None:
        payload["previous"] = before
    uow.stage(EntryDraft(CERTIFIED, 1, f"log:{command.name}", payload, basis={"permit": permit.as_basis()}))
    return Done("certified", result)


def _fold_change(view: FoldView, entry: Entry) -> None:
    said = entry.payload
    if "vkey" in said:
        fresh = LogKeyRow(said["key_id"], said["vkey"], said["purpose"], entry.index, None)
        view.put(LOG_KEY, fresh._replace(changed=entry.index))
    if "ends" in said:
        row = view.get(LOG_KEY, said["ends"])
        assert row is not None
        to_size = entry.index if row.to_size is None else row.to_size
        void = said.get("void_from")
        ended = row._replace(to_size=to_size, state=STATES[entry.kind], void_from=void, changed=entry.index)
        view.put(LOG_KEY, ended)


def _fold_certified(view: FoldView, entry: Entry) -> None:
    for key_id in entry.payload["keys"]:
        row = view.get(LOG_KEY, key_id)
        assert row is not None
        view.put(LOG_KEY, row._replace(certified=entry.index))
