"""The lists of keys that a verifier was given beside the keys it pinned: which of them it may believe.

The identity key signs a list of all keys after each change (`ledger.key_statements`). A verifier that pins the identity
key and holds the newest list needs nothing else to judge a receipt, however many commit keys there were since. Given
several, they are read in order: a list counts when a pinned key signed it, or an identity key that a list before names
and does not end. So a chain of lists leads from the first identity key to its successors.

A list tells of the entries before its size. Of what came later it knows nothing: a key that is in force in it counts as
being so still.
"""

from collections.abc import Sequence

from ledger.errors import BrokenInput
from ledger.key_statements import IDENTITY_KEY, KeyList, key_of, open_list
from ledger.note import ED25519, CheckSignature, Ed25519Verifier, VerifierKey


def believed(notes: Sequence[str], pinned: Sequence[VerifierKey], check: CheckSignature) -> KeyList | None:
    """The newest of these lists, all of which must count, else `BrokenInput`; None when there are none."""
    signers = {key.key_id: key for key in pinned if key.type == ED25519}
    newest: KeyList | None = None
    for number, note in enumerate(notes, 1):
        try:
            listed = open_list(note, [Ed25519Verifier(key, check) for key in signers.values()])
        except BrokenInput as error:
            raise BrokenInput(f"list {number} of the keys: {error}") from error
        if newest is not None and (listed.origin != newest.origin or listed.size < newest.size):
            raise BrokenInput(f"list {number} of the keys: expected a later one of {newest.origin}")
        newest = listed
        for key in listed.keys:
            if key.purpose == IDENTITY_KEY:
                known = key_of(key)
                signers[known.key_id] = known
                if key.void_from is not None and known not in pinned:
                    del signers[known.key_id]
    return newest
