"""The log's own lines on a published checkpoint: the identity key's signature and the ML-DSA-44 one.

The commit key signs at every commit, by a machine that is always on. What is shown to everybody is signed by the
identity key as well, which may lie in a token, and by a key that a quantum computer does not break: a checkpoint then
stands on any one of them (reference, attack 24). Both are made outside any transaction, by the keys that are in force
at the checkpoint's size.
"""

from collections.abc import Callable, Sequence

from ledger.clock import SECOND, Clock
from ledger.key_rules import id_of
from ledger.key_statements import IDENTITY_KEY, POST_QUANTUM_KEY, ListedKey, signing
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

    def _identity_of(self, key_id: str) -> Ed25519Signer:
        if self._identity is None or self._identity.key_id != key_id:
            self._identity = self._ring.identity(key_id)
        return self._identity

    def _post_quantum_of(self, key_id: str) -> PostQuantumSigner:
        if self._post_quantum is None or self._post_quantum.key_id != key_id:
            self._post_quantum = self._ring.post_quantum(key_id)
        return self._post_quantum
