"""Which change of a log's keys is in order, and what it makes of them: one rule for the handler and for verifiers.

At any time at most one key of each purpose is in force, and from the first entry on exactly one commit key. With an
entry at index i that changes keys:

    put in force      signs checkpoints of sizes > i          from_size := i
    ends              signs checkpoints of sizes <= i         to_size   := i
    compromised       of those it signed, the ones of sizes > void prove nothing, void <= i

so every size n >= 1 has exactly one commit key, the one with from_size < n <= to_size (or no end). The batch that
writes the entry ends at a size above i: the new key signs it, whatever else stands in that batch.

    act           purpose         signed by one of
    enrolled      identity        the commit key                      there is none in force
                  post-quantum    the commit key, the identity key    there is none in force
    rotated       commit          the key that ends, the identity key
                  identity        the key that ends
                  post-quantum    the commit key, the identity key
    retired       identity        the key that ends
                  post-quantum    the commit key, the identity key
    compromised   commit          the identity key                    names a successor if the key was in force
                  identity        the commit key
                  post-quantum    the commit key, the identity key

All these are keys in force at i. A stolen key thus names no successor of itself once it is known to be stolen, and who
holds no key names none at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ledger.errors import BrokenInput
from ledger.key_statements import (
    COMMIT_KEY,
    COMPROMISED,
    ENROLLED,
    IDENTITY_KEY,
    KEYS_MAX,
    POST_QUANTUM_KEY,
    RETIRED,
    ROTATED,
    ListedKey,
    Order,
    check_vkey,
)
from ledger.note import parse_vkey

_ITSELF = "itself"
_SIGNERS = {
    (ENROLLED, IDENTITY_KEY): (COMMIT_KEY,),
    (ENROLLED, POST_QUANTUM_KEY): (COMMIT_KEY, IDENTITY_KEY),
    (ROTATED, COMMIT_KEY): (_ITSELF, IDENTITY_KEY),
    (ROTATED, IDENTITY_KEY): (_ITSELF,),
    (ROTATED, POST_QUANTUM_KEY): (COMMIT_KEY, IDENTITY_KEY),
    (RETIRED, IDENTITY_KEY): (_ITSELF,),
    (RETIRED, POST_QUANTUM_KEY): (COMMIT_KEY, IDENTITY_KEY),
    (COMPROMISED, COMMIT_KEY): (IDENTITY_KEY,),
    (COMPROMISED, IDENTITY_KEY): (COMMIT_KEY,),
    (COMPROMISED, POST_QUANTUM_KEY): (COMMIT_KEY, IDENTITY_KEY),
}


def id_of(listed: ListedKey) -> str:
    """The note key id, hexadecimal."""
    return parse_vkey(listed.vkey).key_id.hex()


def in_force(keys: Sequence[ListedKey], purpose: str) -> ListedKey | None:
    """The key of this purpose that has no end."""
    return next((key for key in keys if key.purpose == purpose and key.to_size is None), None)


def signers_of(keys: Sequence[ListedKey], order: Order) -> tuple[ListedKey, ...]:
    """The keys of which one must have signed this order."""
    found = []
    for who in _SIGNERS.get((order.act, order.purpose), ()):
        key = in_force(keys, order.purpose if who == _ITSELF else who)
        if key is not None and (who != _ITSELF or id_of(key) == order.ends):
            found.append(key)
    return tuple(found)


def fault_of(keys: Sequence[ListedKey], order: Order, index: int) -> str | None:
    """Why an order cannot be carried out by an entry at this index; None when it can. Signatures are not looked at."""
    if (order.act, order.purpose) not in _SIGNERS:
        return "expected a commit key to be rotated, found another act"
    if order.size > index:
        return f"expected an order made when the log had at most {index} entries, found one of {order.size}"
    known = {id_of(key): key for key in keys}
    current = in_force(keys, order.purpose)
    ending = None if order.ends is None else known.get(order.ends)
    if order.vkey is not None:
        try:
            new = check_vkey(order.vkey, order.purpose, order.origin)
        except BrokenInput as error:
            return error.message
        if new.key_id.hex() in known:
            return "expected a key the log does not know, found one it has or had"
        if len(keys) >= KEYS_MAX:
            return f"expected at most {KEYS_MAX} keys of one log"
    if order.act == ENROLLED:
        if current is not None:
            return f"expected no {order.purpose} key in force, found one: rotate it"
        return None if order.vkey and order.ends is None and order.void_from is None else "expected a new key alone"
    if ending is None or ending.purpose != order.purpose:
        return f"expected a {order.purpose} key of this log that ends, found none"
    if order.act != COMPROMISED and ending is not current:
        return "expected a key in force, found one that ended"
    return _fault_of_ending(order, ending, index)


def _fault_of_ending(order: Order, ending: ListedKey, index: int) -> str | None:
    if order.act == ROTATED:
        return None if order.vkey and order.void_from is None else "expected the key that is put in force"
    if order.act == RETIRED:
        return None if not order.vkey and order.void_from is None else "expected a key that ends alone"
    void, end = order.void_from, index if ending.to_size is None else ending.to_size
    if void is None or not ending.from_size <= void <= end:
        return f"expected a size from {ending.from_size} to {end} from which its signatures prove nothing"
    if ending.void_from is not None:
        return "expected a key not known to be compromised"
    if order.vkey and ending.to_size is not None:
        return "expected no successor of a key that ended before"
    if not order.vkey and ending.to_size is None and order.purpose == COMMIT_KEY:
        return "expected the key that is put in force: a log is never without a commit key"
    return None


def payload_of(order: Order) -> dict[str, Any]:
    """The members that stand beside the order in its entry: what the fold reads, and the result."""
    said: dict[str, Any] = {"purpose": order.purpose}
    if order.vkey is not None:
        said |= {"key_id": parse_vkey(order.vkey).key_id.hex(), "vkey": order.vkey}
    if order.ends is not None:
        said["ends"] = order.ends
    if order.void_from is not None:
        said["void_from"] = order.void_from
    said["result"] = {"act": order.act, **{name: said[name] for name in ("purpose", "key_id", "ends") if name in said}}
    return said


def says_the_same(payload: Mapping[str, Any], order: Order) -> bool:
    """Whether the members beside an order in its entry are what it says."""
    return {name: value for name, value in payload.items() if name != "order"} == payload_of(order)


def by_age(keys: Iterable[ListedKey]) -> tuple[ListedKey, ...]:
    """In the order in which they were put in force."""
    return tuple(sorted(keys, key=lambda key: (key.from_size, id_of(key))))


def changed(keys: Sequence[ListedKey], order: Order, index: int) -> tuple[ListedKey, ...]:
    """The keys after an entry at this index carried out the order; in order of `from_size`."""
    after = []
    for key in keys:
        if order.ends is not None and id_of(key) == order.ends:
            to_size = index if key.to_size is None else key.to_size
            after.append(key._replace(to_size=to_size, void_from=order.void_from))
        else:
            after.append(key)
    if order.vkey is not None:
        after.append(ListedKey(order.purpose, order.vkey, index))
    return by_age(after)
