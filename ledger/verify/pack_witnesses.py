"""Who else vouches for the log of an evidence pack: cosignatures on its checkpoints, against a policy from outside.

Everything in a pack is proved against its last checkpoint, so the quorum must stand on that one. A smaller checkpoint
with a quorum says how far the witnesses vouch, and is not enough.
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.checkpoint import parse_checkpoint
from ledger.note import parse_note
from ledger.policy import NONE, Checks, Policy, cosigned_by, quorum_of
from ledger.verify.report import Witnessed


class PackWitnesses(NamedTuple):
    """What the policy makes of the checkpoints: `fault` is empty when it is satisfied."""

    witnessed: Witnessed | None
    fault: str


def pack_witnesses(notes: Sequence[str], policy: Policy, checks: Checks) -> PackWitnesses:
    """Judge the checkpoints of a pack, smallest tree first."""
    witnessed = None
    size = 0
    for written in notes:
        note = parse_note(written)
        size = parse_checkpoint(note.text).size
        judged = cosigned_by(policy, note, checks)
        for line in judged.wrong:
            return PackWitnesses(None, f"the cosignature of {line.name} on size {size} does not verify")
        if judged.names and quorum_of(policy, judged.names):
            witnessed = Witnessed(tuple(sorted(judged.names)), size)
    if policy.quorum == NONE or (witnessed is not None and witnessed.size == size):
        return PackWitnesses(witnessed, "")
    so_far = "no checkpoint of the pack" if witnessed is None else f"the first {witnessed.size} of {size} entries"
    return PackWitnesses(witnessed, f"the quorum of the policy cosigned {so_far}")
