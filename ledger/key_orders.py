"""Orders about keys and lists of them, signed by the keys at hand: what goes into the commands of `ledger.key_life`."""

from collections.abc import Sequence
from contextlib import suppress

from ledger.errors import BrokenInput, MunimentError, Unavailable
from ledger.key_rules import fault_of, id_of, in_force, signers_of
from ledger.key_statements import (
    COMMIT_KEY,
    COMPROMISED,
    ENROLLED,
    IDENTITY_KEY,
    KeyList,
    ListedKey,
    Order,
    format_list,
    format_order,
)
from ledger.signers import Ed25519Signer, KeyRing


def make_order(keys: Sequence[ListedKey], size: int, asked: Order) -> Order:
    """The order with what follows from the keys of a log of this size: its key that ends, unless one is named.

    `BrokenInput` when the rules do not allow it.
    """
    ends = asked.ends
    if ends is None and asked.act != ENROLLED:
        current = in_force(keys, asked.purpose)
        ends = None if current is None else id_of(current)
    order = asked._replace(ends=ends, size=size)
    if (fault := fault_of(keys, order, size)) is not None:
        raise BrokenInput(fault)
    return order


def needs_new_key(keys: Sequence[ListedKey], act: str, purpose: str, ends: str | None) -> bool:
    """Whether this act puts a key in force: a compromise does where the key that ends was the commit key in force."""
    if act != COMPROMISED:
        return act != "key.retired"
    current = in_force(keys, purpose)
    return current is not None and id_of(current) == ends


def sign_order(ring: KeyRing, keys: Sequence[ListedKey], order: Order) -> str:
    """The order as a note, signed by each of those that may sign it and can be reached; `Unavailable` for none."""
    text = format_order(order)
    lines = []
    reasons = []
    for key in signers_of(keys, order):
        try:
            lines.append(_signer(ring, key).sign_line(text))
        except MunimentError as error:
            reasons.append(str(error))
    if not lines:
        raise Unavailable(
            "KEY_MISSING", f"no key can be reached that may sign for this: {'; '.join(reasons) or 'none'}"
        )
    return f"{text}\n{''.join(lines)}"


def sign_list(ring: KeyRing, keys: tuple[ListedKey, ...], size: int, also: Sequence[Ed25519Signer] = ()) -> str | None:
    """The list of all keys as a note, signed by the identity key in force; None where the log has none.

    By the commit key and `also` as well, who may be all that somebody pinned. Raises when the identity key cannot be
    reached.
    """
    identity = in_force(keys, IDENTITY_KEY)
    if identity is None:
        return None
    text = format_list(KeyList(ring.origin, size, keys))
    signers = [ring.identity(id_of(identity)), *also]
    commit = in_force(keys, COMMIT_KEY)
    if commit is not None:
        with suppress(MunimentError):
            signers.append(ring.commit_signer(id_of(commit)))
    by_id = {signer.key_id: signer for signer in signers}
    return f"{text}\n{''.join(signer.sign_line(text) for signer in by_id.values())}"


def _signer(ring: KeyRing, key: ListedKey) -> Ed25519Signer:
    return ring.identity(id_of(key)) if key.purpose == IDENTITY_KEY else ring.commit_signer(id_of(key))
