"""`muniment key`: the keys of the log, and every change of them, by a person who may.

A change signs an order with a key in force, makes the file of the new private key, durably, and then sends the order
as the person whose bearer token stands in MUNIMENT_TOKEN. Afterwards the identity key signs the list of all keys anew;
where it cannot be reached that is said, and `muniment key certify` makes it good.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.acting import Acting, open_acting
from api.cli_given import write_file
from api.settings import read_settings
from ledger.errors import BrokenInput, MunimentError
from ledger.key_life import CertifyKeys, ChangeKeys, keys_on_record, keys_value, signed_lists
from ledger.key_orders import make_order, needs_new_key, sign_list, sign_order
from ledger.key_rules import id_of, in_force
from ledger.key_statements import (
    COMMIT_KEY,
    COMPROMISED,
    ENROLLED,
    IDENTITY_KEY,
    POST_QUANTUM_KEY,
    PURPOSES,
    RETIRED,
    ROTATED,
    ListedKey,
    Order,
)
from ledger.refusal import Refusal
from ledger.signers import Ed25519Signer
from ledger.token_address import IdentityPlace
from rbac.permission import Action, Object

ACTS = {"enrol": ENROLLED, "rotate": ROTATED, "retire": RETIRED, "compromise": COMPROMISED}
_MAY = {"retire": Action.REVOKE, "compromise": Action.REVOKE}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a change, for printing. `refused` says why nothing was changed."""

    said: dict[str, Any]
    refused: Refusal | None = None


def run(_name: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Exit status: 0 done, 1 refused, 2 usage or environment."""
    _arguments(parser)
    options = parser.parse_args(arguments)
    if options.act == "list":
        return _list(options)
    acting = open_acting()
    try:
        refusal = acting.may(Object.KEY, _MAY.get(options.act, Action.ISSUE))
        if refusal is not None:
            return _refused(refusal)
        outcome = _certify(acting) if options.act == "certify" else change(acting, options)
    finally:
        acting.close()
    if outcome.refused is not None:
        return _refused(outcome.refused)
    _print(json.dumps(outcome.said) if options.json else "\n".join(f"{k}: {v}" for k, v in outcome.said.items()))
    return 0


def change(acting: Acting, options: argparse.Namespace) -> Outcome:
    """Enrol, rotate, retire or compromise, then list the keys anew."""
    act, ring = ACTS[options.act], acting.log.secrets.ring
    with acting.reader.view() as view:
        keys, size, origin = keys_on_record(view), view.head.size, view.origin
    purpose, ends = _about(keys, options)
    asked = Order(origin, act, purpose, None, ends, options.void_from, size)
    old_identity = _identities(acting, keys) if purpose == IDENTITY_KEY else []
    store = None
    if needs_new_key(keys, act, purpose, ends):
        vkey, store = _new_key(acting, purpose, options.key)
        asked = asked._replace(vkey=vkey)
    order = make_order(keys, size, asked)
    note = sign_order(ring, keys, order)
    if store is not None:
        store()  # durable before any entry names the key
    answer = acting.send(ChangeKeys(acting.log.name, note))
    if isinstance(answer.outcome, Refusal):
        return Outcome({}, answer.outcome)
    said: dict[str, Any] = {"act": act, "purpose": purpose}
    said |= {"vkey": order.vkey} if order.vkey else {}
    said |= {"ended": order.ends} if order.ends else {}
    try:
        certified = _certify(acting, options.key if purpose == IDENTITY_KEY else "", old_identity)
    except MunimentError as error:
        return Outcome({**said, "certified": f"no: {error}; run `muniment key certify`"})
    return Outcome({**said, **certified.said}, None)


def _about(keys: tuple[ListedKey, ...], options: argparse.Namespace) -> tuple[str, str | None]:
    """Purpose, and the id of the key that ends where it is named."""
    if options.key_id is None:
        return options.purpose, None
    found = next((key for key in keys if id_of(key) == options.key_id), None)
    if found is None:
        raise BrokenInput("expected the id of a key of this log; `muniment key list` shows them", "--key-id")
    return found.purpose, options.key_id


def _new_key(acting: Acting, purpose: str, place: str) -> tuple[str, Callable[[], None] | None]:
    """The verifier key of a new key, and what makes its file where it lies in the key folder."""
    ring = acting.log.secrets.ring
    if not place:
        signer, store = ring.draft(purpose)
        return signer.vkey, store
    if purpose != IDENTITY_KEY:
        raise BrokenInput("expected no place for a key that lies in the key folder", "--key")
    return ring.identity_at(_at(place)).vkey, None


def _at(place: str) -> IdentityPlace:
    return IdentityPlace(place, read_settings().signing_pin)


def _identities(acting: Acting, keys: tuple[ListedKey, ...]) -> list[Ed25519Signer]:
    """The identity key in force, if it can be reached: it signs the list that names its successor as well."""
    current = in_force(keys, IDENTITY_KEY)
    try:
        return [] if current is None else [acting.log.secrets.ring.identity(id_of(current))]
    except MunimentError:
        return []


def _certify(acting: Acting, place: str = "", also: list[Ed25519Signer] | None = None) -> Outcome:
    ring = acting.log.secrets.ring
    if place:
        ring = ring.with_identity(_at(place))
    with acting.reader.view() as view:
        keys, size = keys_on_record(view), view.head.size
    note = sign_list(ring, keys, size, also or ())
    if note is None:
        return Outcome({"certified": "no: the log has no identity key"})
    answer = acting.send(CertifyKeys(acting.log.name, note))
    if isinstance(answer.outcome, Refusal):
        return Outcome({}, answer.outcome)
    return Outcome({"certified": size})


def _list(options: argparse.Namespace) -> int:
    from api.wiring import open_log
    from ledger.clock import SystemClock
    from ledger.service import Reader

    log, database = open_log(read_settings())
    reader = Reader(log, SystemClock(), database.connect)
    try:
        with reader.view() as view:
            found, lists = keys_value(view), signed_lists(view)
    finally:
        reader.close()
    if options.export is not None:
        write_file(Path(options.export), "".join(lists))
    if options.json:
        _print(json.dumps({"log": log.name, "origin": log.origin, "keys": found, "lists": lists}))
        return 0
    for key in found:
        end = "" if key["to_size"] is None else f" to {key['to_size']}"
        void = "" if key["void_from"] is None else f", proves nothing above {key['void_from']}"
        _print(f"{key['purpose']:<13}{key['key_id']}  {key['state']}, sizes above {key['from_size']}{end}{void}")
        _print(f"  {key['vkey']}")
    return 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("act", choices=["list", "certify", *ACTS])
    add("--json", action="store_true", help="print one object for machines")
    add(
        "--purpose",
        choices=PURPOSES,
        default=COMMIT_KEY,
        help=f"{COMMIT_KEY} (default), {IDENTITY_KEY} or {POST_QUANTUM_KEY}",
    )
    add("--key-id", metavar="ID", help="compromise: the key that was stolen")
    add("--from", dest="void_from", type=int, metavar="SIZE", help="compromise: above this size it proves nothing")
    add("--key", default="", metavar="PLACE", help="identity: a PEM file or pkcs11: address that holds the new key")
    add("--export", metavar="FILE", help="list: write the signed lists, for `muniment verify --keys FILE`")


def _refused(refusal: Refusal) -> int:
    sys.stderr.write(f"muniment key: {refusal.reason.value}: {refusal.message}\n")
    return 1


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
