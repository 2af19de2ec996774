"""Keys of messages: which one may be waited for, sent, kept, or start an instance.

A message whose key is shown like another, though it is another, would be kept for nobody, and its sender told that all
is well. So it is turned down, and so that it makes no difference whether it comes before its wait or after it, nobody
begins to wait for such a key: the step is held. Who waits for one on record from before gets its message all the same.
"""

from typing import Any

from ledger.canonical import encode
from ledger.refusal import Reason, Refusal
from orchestrator.commands import Correlate
from orchestrator.legible import has_controls, looks_like_another, turns
from orchestrator.refusal_texts import why

KEY_LENGTH_MAX = 1_000  # characters of a text, bytes of another value


KEY_INVALID = "KEY_INVALID"  # of an incident: a key that no message may have


def is_key(key: Any) -> bool:
    """Whether a message may have this key, which is not null."""
    if type(key) is not str:
        return len(encode(key)) <= KEY_LENGTH_MAX
    return len(key) <= KEY_LENGTH_MAX and not (has_controls(key) or turns(key) or looks_like_another(key))


def key_fault(command: Correlate) -> Refusal | None:
    """Why a message for which nobody waits may not have this key."""
    key = command.key
    length = len(key) if type(key) is str else len(encode(key))
    if length > KEY_LENGTH_MAX:
        return Refusal(Reason.INVALID_DATA, why("message-key-length", most=KEY_LENGTH_MAX))
    if type(key) is str and (turns(key) or looks_like_another(key)):
        return Refusal(Reason.INVALID_DATA, why("message-key-like-another"))
    if type(key) is dict and key.keys() == {"$decimal"}:
        # As a door reads a number with a fraction or too many digits; data have it as text, so nobody waits for it.
        return Refusal(Reason.INVALID_DATA, why("message-key-number"))
    return None
