"""Which keys sign for a log, and whether a checkpoint was signed by one that was valid then.

The log names its keys itself: in `ledger.opened`, and in the entries that change them. That proves nothing to whoever
does not know one of them from elsewhere, so a verifier hands in the keys it pinned, and the first keys of the log must
be among them. From a pinned key trust flows to others (each change is signed for, see `ledger.key_rules`):

    a pinned commit key     to the keys of the first entry whose list it signed, then to whatever it signs for
    a pinned identity key   to the keys it lists or signs for, and from those to the commit keys that follow them; but
                            never to another identity key, unless it signs for that one itself

To be named beside a pinned key is nothing: whoever writes a log of their own can name it as well.

Lists of keys from outside (`ledger.verify.key_trust`) say what a log may hide: that a key ended. A log that goes on
under it was signed again by whoever stole it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.cosignature import CosignatureVerifier
from ledger.errors import BrokenInput
from ledger.key_rules import by_age, changed, fault_of, id_of, in_force, says_the_same, signers_of
from ledger.key_statements import (
    CERTIFIED,
    COMMIT_KEY,
    IDENTITY_KEY,
    ORDERED,
    POST_QUANTUM_KEY,
    KeyList,
    ListedKey,
    key_of,
    open_list,
    open_order,
    parse_list,
    parse_order,
    signing,
)
from ledger.note import (
    ED25519,
    CheckSignature,
    Ed25519Verifier,
    Note,
    SignatureLine,
    Verifier,
    VerifierKey,
    format_vkey,
    parse_note,
    parse_vkey,
)
from ledger.verify.key_trust import believed
from ledger.verify.report import Fault, Finding, Place

OPENED = "ledger.opened"
KEY_KINDS = frozenset((OPENED, CERTIFIED, *ORDERED))  # entries that say which keys sign for the log


@dataclass(frozen=True, slots=True)
class Told:
    """What is wrong with an entry that names keys. `what` is `vkey` (keys nobody pinned) or `order`."""

    what: str
    expected: str
    found: str


class LogKeys:
    """The keys of one log, as its entries put them in force one after another."""

    def __init__(
        self, trusted: Sequence[str], check_signature: CheckSignature | None, lists: Sequence[str] = ()
    ) -> None:
        self.trusted = tuple(map(parse_vkey, trusted))
        self._check = check_signature
        self._keys: tuple[ListedKey, ...] = ()
        # Trusted key -> whether an identity key may descend from it. Whole keys: an id of four bytes can be met by
        # another key that somebody searched for.
        self._roots: dict[VerifierKey, bool] = {}
        self._listed: KeyList | None = None
        if lists and check_signature is not None:
            self._listed = believed(lists, self.trusted, check_signature)

    @property
    def can_check(self) -> bool:
        """Whether there is a way to check signatures and any key to check them with."""
        return self._check is not None and bool(self._keys or self.trusted)

    @property
    def keys(self) -> tuple[ListedKey, ...]:
        """All keys named so far, in the order in which they were put in force."""
        return self._keys

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of keys that were compromised."""
        return tuple(
            f"key {id_of(key)} was compromised: its signatures on checkpoints of sizes {key.void_from + 1} to "
            f"{key.to_size} prove nothing by themselves; later checkpoints cover those entries"
            for key in self._keys
            if key.void_from is not None and key.to_size is not None and key.void_from < key.to_size
        )

    def name(self, index: int, kind: str, payload: Any) -> Told | None:
        """Take what an entry says of keys; what was expected and found when it may not say so."""
        if kind == OPENED:
            return self._open(index, payload)
        try:
            return self._certify(index, payload) if kind == CERTIFIED else self._change(index, kind, payload)
        except (BrokenInput, LookupError, TypeError, AttributeError) as error:
            text = error.message if isinstance(error, BrokenInput) else "a payload without its members"
            return Told("order", "a change of keys that one of them signed for", text)

    def valid_at(self, size: int) -> tuple[VerifierKey, ...]:
        """The keys that may sign a commit's checkpoint of this size."""
        if not self._keys:
            return tuple(key for key in self.trusted if key.type == ED25519)
        return tuple(key_of(key) for key in signing(self._keys, size, COMMIT_KEY) if self._is_trusted(key))

    def judge(self, checkpoint: Checkpoint, note: Note, place: Place) -> Finding | None:
        """Check 5 for one checkpoint: the commit key's line, and those of the identity and ML-DSA-44 key if any."""
        if self._check is None or not self.can_check:
            return None
        valid = {(key.name, key.key_id): key for key in self.valid_at(checkpoint.size)}
        lines = [line for line in note.signatures if (line.name, line.key_id) in valid]
        if not lines:
            signed = ", ".join(f"{line.name} {line.key_id.hex()}{self._ended(line)}" for line in note.signatures)
            expected = f"a signature by key {_ids(tuple(valid.values()))}"
            return Finding(5, Fault.WRONG_KEY, expected, f"one by {signed}", None, place)
        if (wrong := self._contradicted(checkpoint.size, lines, place)) is not None:
            return wrong
        verifiers: list[tuple[SignatureLine, Verifier]] = [
            (line, Ed25519Verifier(valid[line.name, line.key_id], self._check)) for line in lines
        ]
        others, beyond = self._others(checkpoint.size, note)
        if beyond is not None:
            told = f"a signature by a key in force at size {checkpoint.size}", f"one by {beyond}"
            return Finding(5, Fault.WRONG_KEY, *told, None, place)
        for line, verifier in [*verifiers, *others]:
            if not verifier.verify(note.text.encode(), line.signature):
                found = "a signature that does not verify"
                return Finding(5, Fault.ALTERED, f"a signature by key {line.key_id.hex()}", found, None, place)
        return None

    def judge_last(self, size: int, place: Place) -> Finding | None:
        """Whether the commit key that signs this size was stolen by then, or the log tells of other keys than the list.

        For the last checkpoint there is; those before it are covered by later ones.
        """
        if self._listed is not None and self._keys:
            upto = min(size, self._listed.size)
            named, listed = _as_of(self._keys, upto), _as_of(self._listed.keys, upto)
            if named != listed:
                told = f"the keys listed outside for size {upto}, {_said(listed)}", _said(named)
                return Finding(5, Fault.RE_SIGNED, *told, None, place)
        known = [*self._keys, *(self._listed.keys if self._listed is not None else ())]
        for key in signing(known, size, COMMIT_KEY):
            if not key.proves(size):
                expected = f"a checkpoint by a key that was not stolen, {id_of(key)} was above size {key.void_from}"
                return Finding(5, Fault.RE_SIGNED, expected, f"one of size {size}", None, place)
        return None

    def _open(self, index: int, payload: Any) -> Told | None:
        keys = [ListedKey(purpose, format_vkey(key), index) for purpose, key in _keys_in(payload)]
        if self._keys:
            return Told("order", "one entry that opens the log", "another")
        if len({key.purpose for key in keys}) < len(keys):
            return Told("order", "one first key of each purpose", "more")
        self._keys = by_age(keys)
        if not self.trusted:
            return None
        named = [key_of(key) for key in keys]
        if not set(named) & set(self.trusted):
            return Told("vkey", f"a key pinned outside, {_ids(self.trusted)}", f"key {_ids(named)}")
        pinned = [key for key in keys if key_of(key) in self.trusted]
        self._roots = {key_of(key): True for key in pinned}
        listed = [(key, self._listed_by(key, payload)) for key in pinned if key.purpose != POST_QUANTUM_KEY]
        for by, found in listed:
            for key in found or ():
                is_root = by.purpose == COMMIT_KEY or self._roots.get(key_of(key), False)
                if key in keys:
                    self._roots[key_of(key)] = is_root
        if all(found is None for _, found in listed) and not any(key.purpose == COMMIT_KEY for key in pinned):
            return Told("vkey", "a list of the first keys that the pinned identity key signed", "none")
        return None

    def _listed_by(self, key: ListedKey, payload: Any) -> tuple[ListedKey, ...] | None:
        """The first keys by a list that this one signed; None without."""
        if self._check is None:
            return None
        try:
            return open_list(payload["list"], [Ed25519Verifier(key_of(key), self._check)]).keys
        except (BrokenInput, LookupError, TypeError):
            return None

    def _change(self, index: int, kind: str, payload: Mapping[str, Any]) -> Told | None:
        note = payload["order"]
        order = parse_order(parse_note(note).text)
        if order.act != kind or not says_the_same(payload, order):
            return Told("order", "an entry that says what its order says", "another")
        fault = fault_of(self._keys, order, index)
        signers = [] if fault else signers_of(self._keys, order)
        names = {key_of(key).name for key in signers}
        if fault is None and names != {order.origin}:
            fault = "expected a key in force that signs for this"
        if fault is not None:
            return Told("order", "an order that the rules allow", fault)
        by = list(signers)
        if self._check is not None:
            _, ids = open_order(note, [Ed25519Verifier(key_of(key), self._check) for key in signers])
            by = [key for key in signers if key_of(key).key_id in ids]
        self._keys = changed(self._keys, order, index)
        if order.vkey is not None:
            self._trust(ListedKey(order.purpose, order.vkey, index), by)
        return None

    def _trust(self, new: ListedKey, by: Sequence[ListedKey]) -> None:
        """Let trust flow from who signed for a key to the key."""
        known = key_of(new)
        trusted = [key for key in by if key_of(key) in self._roots]
        root = [key for key in trusted if self._roots[key_of(key)]]
        if known in self.trusted:
            self._roots[known] = True
        elif new.purpose == IDENTITY_KEY:
            if root:
                self._roots[known] = True
        elif trusted:
            self._roots[known] = new.purpose == COMMIT_KEY and any(key.purpose == COMMIT_KEY for key in root)

    def _certify(self, index: int, payload: Mapping[str, Any]) -> Told | None:
        identity = in_force(self._keys, IDENTITY_KEY)
        note = payload["list"]
        if identity is None:
            return Told("order", "an identity key in force", "none")
        if self._check is None:
            listed = parse_list(parse_note(note).text)
        else:
            listed = open_list(note, [Ed25519Verifier(key_of(identity), self._check)])
        if listed.keys != self._keys or not payload["size"] == listed.size <= index:
            return Told("order", "a list of the keys as they were", "another")
        if key_of(identity) in self._roots:
            for key in listed.keys:
                self._roots.setdefault(key_of(key), False)
        return None

    def _is_trusted(self, key: ListedKey) -> bool:
        return not self.trusted or key_of(key) in self._roots

    def _contradicted(self, size: int, lines: Sequence[SignatureLine], place: Place) -> Finding | None:
        """Whether the list from outside says that another key signs checkpoints of this size."""
        if self._listed is None:
            return None
        expected = signing(self._listed.keys, size, COMMIT_KEY)
        ids = {key_of(key).key_id for key in expected}
        if any(line.key_id in ids for line in lines) or (size > self._listed.size and not self._ended_outside(lines)):
            return None
        signed = ", ".join(line.key_id.hex() for line in lines)
        told = f"a signature by key {', '.join(map(id_of, expected)) or 'none'}, as listed outside", f"one by {signed}"
        return Finding(5, Fault.RE_SIGNED, *told, None, place)

    def _ended_outside(self, lines: Sequence[SignatureLine]) -> bool:
        """Whether one of these lines is by a key that the list from outside knows to have ended."""
        assert self._listed is not None
        ended = {key_of(key).key_id for key in self._listed.keys if key.to_size is not None}
        return any(line.key_id in ended for line in lines)

    def _others(self, size: int, note: Note) -> tuple[list[tuple[SignatureLine, Verifier]], str | None]:
        """The lines of the identity and ML-DSA-44 keys, and the first by one of them that was not in force then."""
        assert self._check is not None
        known = {id_of(key): key for key in self._keys if key.purpose in (IDENTITY_KEY, POST_QUANTUM_KEY)}
        found: list[tuple[SignatureLine, Verifier]] = []
        for line in note.signatures:
            key = known.get(line.key_id.hex())
            if key is None or key_of(key).name != line.name:
                continue
            if not key.signs(size):
                return [], f"{line.key_id.hex()}{self._ended(line)}"
            kind = Ed25519Verifier if key.purpose == IDENTITY_KEY else CosignatureVerifier
            found.append((line, kind(key_of(key), self._check)))
        return found, None

    def _ended(self, line: SignatureLine) -> str:
        for key in self._keys:
            if key_of(key).key_id == line.key_id:
                end = "" if key.to_size is None else f" to {key.to_size}"
                return f" (in force from {key.from_size + 1}{end})"
        return ""


def read_checkpoint(note: str, origin: str, place: Place) -> tuple[Checkpoint, Note] | Finding:
    """The checkpoint of a note about this log, signatures not looked at yet."""
    try:
        parsed = parse_note(note)
        checkpoint = parse_checkpoint(parsed.text)
    except BrokenInput as error:
        return Finding(5, Fault.ALTERED, "a signed checkpoint", str(error), None, place)
    if checkpoint.origin != origin:
        return Finding(5, Fault.ALTERED, f"a checkpoint of {origin}", f"one of {checkpoint.origin}", None, place)
    return checkpoint, parsed


def _keys_in(payload: Any) -> list[tuple[str, VerifierKey]]:
    """Purpose and verifier key of each key in a `ledger.opened` payload; what cannot be read names no key."""
    keys = []
    listed = payload.get("keys") if isinstance(payload, dict) else None
    for item in listed if isinstance(listed, list) else []:
        vkey, purpose = (item.get("vkey"), item.get("purpose")) if isinstance(item, dict) else (None, None)
        try:
            key = parse_vkey(vkey if isinstance(vkey, str) else "")
            key_of(ListedKey(str(purpose), format_vkey(key), 0))
        except BrokenInput:
            continue
        keys.append((str(purpose), key))
    return keys


def _as_of(keys: Sequence[ListedKey], size: int) -> frozenset[ListedKey]:
    """The keys as entries before this index made them. What was learnt later of a theft is left out."""
    return frozenset(
        key._replace(to_size=None if key.to_size is None or key.to_size >= size else key.to_size, void_from=None)
        for key in keys
        if key.from_size < size
    )


def _said(keys: Iterable[ListedKey]) -> str:
    return ", ".join(sorted(f"{id_of(key)} from {key.from_size}" for key in keys)) or "none"


def _ids(keys: Sequence[VerifierKey]) -> str:
    return ", ".join(key.key_id.hex() for key in keys) or "none"
