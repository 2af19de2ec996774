"""Signed statements judged again: what was signed is what was decided, and whose passkey signed. Standard library only.

Whose a passkey is stands in `passkey.enrolled` under its person, until `passkey.removed`. In a pack its removal is
missed if who made the pack left it out, as in any selection; a reading of the whole log misses nothing.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

from governance.decision import Decision
from governance.grant import digest_of
from governance.passkeys import judge_signature
from governance.questions.facts import COMMITMENT, Record, Records, is_commitment
from governance.questions.recorded import Holder, Part, Past, Recorded
from ledger.refusal import Refusal
from ledger.verify.bytes import b64url, from_b64url
from ledger.verify.canonical import encode
from ledger.verify.report import Status

PASSKEY_ENROLLED: Final = "passkey.enrolled"
PASSKEY_REMOVED: Final = "passkey.removed"

HolderOf = Callable[[str], Holder | None]
"""Whose the passkey is that has this digest of its credential id (`Past.holder`)."""


def signature_parts(past: Past, recorded: Recorded, told: Decision | Refusal) -> list[Part]:
    """A signed statement says what was decided, by whom, on what was shown."""
    payload = recorded.record.payload
    statement, signature = payload.get("statement"), payload.get("signature")
    if statement is None or signature is None or isinstance(told, Refusal):
        return []
    shown = payload.get("shown", {})
    version = past.blueprint(str(recorded.record.basis["blueprint"]))
    shows = [] if version is None else version.steps()[recorded.step].get("shows", [])
    said = {
        "person": statement["person"] == recorded.decision["person"] == signature["person"],
        "outcome": statement["outcome"] == recorded.decision["outcome"],
        "step": (statement["instance"], statement["step"]) == (recorded.instance, recorded.step),
        "grant": statement["grant_digest"] == told.grant.digest,
        "blueprint": statement["blueprint_digest"] == recorded.record.basis["blueprint"],
        "reason": is_stated(statement["reason"], payload.get("reason")),
        "reason code": statement.get("reason_code", "") == payload.get("reason_code", ""),
        "shown": statement["shown_digest"] == digest_of([[path, shown.get(path)] for path in dict.fromkeys(shows)]),
        "digest": signature["statement_digest"] == digest_of(statement),
    }
    wrong = [name for name, holds in said.items() if not holds]
    if wrong:
        return [Part("signature", Status.FAILED, f"the signed statement says otherwise: {', '.join(wrong)}")]
    judged = judge_signature(signature)
    if judged.is_fault:
        return [Part("signature", Status.FAILED, f"the passkey's assertion does not hold: {judged.text}")]
    parts = [Part("signature", Status.PASSED, f"the signed statement says what was decided; {judged.text}")]
    return [*parts, holder_part(past.holder, signature)] if judged.is_own_key else parts


def is_stated(stated: Any, reason: Any) -> bool:
    """Whether a statement names the reason of the entry: by its commitment alone, or as the member stands there."""
    if reason is None or stated is None:
        return reason is stated
    named = str(reason[COMMITMENT]).rpartition(".")[2] if is_commitment(reason) else reason
    return stated in (named, encode(reason).decode())


def take_passkey(known: dict[str, Holder], record: Record) -> None:
    """Go on by one entry about passkeys; `known` is by the digest of the credential id."""
    payload = record.payload
    passkey = str(payload["passkey"])
    if record.kind == PASSKEY_ENROLLED:
        known[passkey] = Holder(record.subject, payload["public_key"], payload["rp_id"], record.index)
    elif record.kind == PASSKEY_REMOVED and passkey in known:
        known[passkey] = known[passkey]._replace(is_removed=True)


def passkeys_before(records: Records, index: int) -> HolderOf:
    """Whose passkeys are, by the entries of a pack before an index."""
    known: dict[str, Holder] = {}
    for record in records.kind(PASSKEY_ENROLLED, PASSKEY_REMOVED):
        if record.index < index:
            take_passkey(known, record)
    return known.get


def holder_part(holder_of: HolderOf, signature: Mapping[str, Any]) -> Part:
    """Whose passkey signed: the person who is said to have, by the entry of its enrolment, and not removed by then."""
    name, proof = "passkey holder", signature["passkey"]
    holder = holder_of(b64url(sha256(from_b64url(proof["credential"])).digest()))
    if holder is None:
        return Part(name, Status.NOT_RUN, "the enrolment of the passkey is not among the entries")
    said = {
        "person": holder.person == signature["person"],
        "key": holder.public_key == proof["public_key"],
        "rp id": holder.rp_id == proof["rp_id"],
        "in force": not holder.is_removed,
    }
    wrong = [what for what, holds in said.items() if not holds]
    if wrong:
        return Part(name, Status.FAILED, f"the passkey was enrolled otherwise: {', '.join(wrong)}")
    return Part(name, Status.PASSED, f"enrolled for the signer by entry {holder.entry}, no removal recorded before")
