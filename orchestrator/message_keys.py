"""Keys of messages: which one may be kept or start an instance.

A message whose key is shown like another, though it is another, would be kept for nobody, and its sender told that all
is well. So it is turned down; who waits for just this key, on record, gets it all the same.
"""

from ledger.canonical import encode
from ledger.refusal import Reason, Refusal
from orchestrator.commands import Correlate
from orchestrator.legible import looks_like_another, turns
from orchestrator.refusal_texts import why

KEY_LENGTH_MAX = 1_000  # characters of a text, bytes of another value


def key_fault(command: Correlate) -> Refusal | None:
    """Why a message for which nobody waits may not have this key."""
    key = command.key
    length = len(key) if type(key) is str else len(encode(key))
    if length > KEY_LENGTH_MAX:
        return Refusal(Reason.INVALID_DATA, why("message-key-length", most=KEY_LENGTH_MAX))
    if type(key) is str and (turns(key) or looks_like_another(key)):
        return Refusal(Reason.INVALID_DATA, why("message-key-like-another"))
    return None
