"""The log's own lines on a published checkpoint: the identity key's signature and the ML-DSA-44 one.

The commit key signs at every commit, by a machine that is always on. What is shown to everybody is signed by the
identity key as well, which may lie in a token, and by a key that a quantum computer does not break: a checkpoint then
stands on any one of them (reference, attack 24). Both are made outside any transaction, by the keys that are in force
at the checkpoint's size.

What comes here was read from rows. Nothing is signed that a commit key of this machine did not sign before: else
whoever can write rows, and holds no key, would have a tree of their own vouched for.
"""

from collections.abc import Callable, Sequence

from ledger.checking import check_signature
from ledger.checkpoint import open_checkpoint
from ledger.clock import SECOND, Clock
from ledger.errors import BrokenInput, BrokenState
from ledger.key_rules import id_of
from ledger.key_statements import IDENTITY_KEY, POST_QUANTUM_KEY, ListedKey, signing
from ledger.note import Ed25519Verifier, parse_vkey
from ledger.publication import SIGNATURE, Line, Publication
from ledger.signers import Ed25519Signer, KeyRing, PostQuantumSigner


class OwnLines:
    """A `ledger.publication.Contributor`. `keys` gives the keys of the log as they are now."""

    name = "keys"

    def __init__(self, ring: KeyRing, keys: Callable[[], Sequence[ListedKey]], clock: Clock) -> None:
        self._ring = ring
        self._keys = keys
        self._clock = clock
        self._identity: Ed25519Signer | None = None
        self._post_quantum: PostQuantumSigner | None = None

    def contribute(self, publication: Publication) -> Sequence[Line]:
        """One line for each purpose that has a key in force at this size.

        `Unavailable` or `BrokenInput` when a key in force cannot be reached: then no line is given, so that the lack
        is noticed and made good later.
        """
        self._check(publication)
        keys = self._keys()
        now = self._clock.wall()
        made = []
        for key in signing(keys, publication.size, IDENTITY_KEY):
            identity = self._identity_of(id_of(key))
            made.append((identity.key_id, identity.sign_line(publication.text)))
        for key in signing(keys, publication.size, POST_QUANTUM_KEY):
            post_quantum = self._post_quantum_of(id_of(key))
            made.append((post_quantum.key_id, post_quantum.sign_line(publication.text, now // SECOND)))
        return [Line(publication.size, key_id, SIGNATURE, line.encode(), now) for key_id, line in made]

    def _check(self, publication: Publication) -> None:
        """`BrokenState` unless the checkpoint is one that a commit key in our own key folder signed."""
        commit = parse_vkey(self._ring.signer_of(publication.note).vkey)
        try:
            opened = open_checkpoint(publication.note, self._ring.origin, [Ed25519Verifier(commit, check_signature)])
        except BrokenInput as error:
            raise BrokenState(f"expected a checkpoint that the commit key signed: {error}") from error
        if (opened.checkpoint.size, opened.note.text) != (publication.size, publication.text):
            raise BrokenState("expected the text and size of the signed checkpoint, found others")

    def _identity_of(self, key_id: str) -> Ed25519Signer:
        if self._identity is None or self._identity.key_id != key_id:
            self._identity = self._ring.identity(key_id)
        return self._identity

    def _post_quantum_of(self, key_id: str) -> PostQuantumSigner:
        if self._post_quantum is None or self._post_quantum.key_id != key_id:
            self._post_quantum = self._ring.post_quantum(key_id)
        return self._post_quantum
