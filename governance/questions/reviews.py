"""Reviews of change requests judged again: what was signed is what is on record. Standard library only.

From schema 2 of `change.reviewed` on every approval and refusal is signed, by the reviewer, on a statement that names
the change request, the edit and its digest. What came before in the change request (its trail) says whether that edit
was as stated, and whether the statement was used before.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from governance.grant import digest_of
from governance.passkeys import judge_signature
from governance.questions.facts import Record, Records
from governance.questions.recorded import Part
from governance.questions.signatures import HolderOf, holder_part, is_stated, passkeys_before
from governance.signature import MEANINGS, REVIEW_PURPOSE, SIGNED_SCHEMA, SIGNED_VERDICTS
from ledger.errors import BrokenInput
from ledger.verify.report import Status

CHANGE_REVIEWED: Final = "change.reviewed"
CHANGE_PROPOSED: Final = "change.proposed"
_EDITS: Final = (CHANGE_PROPOSED, "change.edited")
_SIGNATURE: Final = "signature"


def review_id(record: Record) -> str:
    """What a review is called: its change request, and its number there."""
    return f"{record.subject}.{record.payload['number']}"


def reviews(records: Records) -> Iterator[tuple[Record, list[Part]]]:
    """The reviews among the entries of a pack, judged again with what was recorded before each."""
    for record in records.kind(CHANGE_REVIEWED):
        trail = [one for one in records.of(record.subject) if one.index < record.index]
        yield record, judge_review(record, trail, passkeys_before(records, record.index))


def judge_review(record: Record, trail: Sequence[Record], holder_of: HolderOf) -> list[Part]:
    """What holds of a review's signature: `signature`, and `passkey holder` where a passkey signed; no part for a
    review that needed none and has none."""
    try:
        return _judge(record, trail, holder_of)
    except (BrokenInput, KeyError, TypeError, ValueError, AttributeError) as error:
        return [_failed(f"expected a review that can be read, found {type(error).__name__}: {error}")]


def _judge(record: Record, trail: Sequence[Record], holder_of: HolderOf) -> list[Part]:
    payload = record.payload
    statement, signature = payload.get("statement"), payload.get("signature")
    if statement is None and signature is None:
        if record.entry["schema"] < SIGNED_SCHEMA or payload["verdict"] not in SIGNED_VERDICTS:
            return []
        return [_failed(f"expected a signature under a review that says {payload['verdict']}, found none")]
    if statement is None or signature is None:
        return [_failed("a statement and its signature go together, and here one is missing")]
    proposed = [one.payload for one in trail if one.kind == CHANGE_PROPOSED]
    edit = [one.payload for one in trail if one.kind in _EDITS and one.payload["edit"] == payload["edit"]]
    if not proposed or not edit:
        return [Part(_SIGNATURE, Status.NOT_RUN, "the edit that was reviewed is not among the entries")]
    wrong = [name for name, holds in _said(record, statement, signature).items() if not holds]
    stated = (statement["kind"], statement["name"], statement["base_version"], statement["content_digest"])
    if stated != (proposed[0]["kind"], proposed[0]["name"], edit[-1]["base_version"], edit[-1]["digest"]):
        wrong.append("what was edited")
    if any((one.payload.get("statement") or {}).get("nonce") == statement["nonce"] for one in trail):
        wrong.append("used before")
    if wrong:
        return [_failed(f"the signed statement says otherwise: {', '.join(wrong)}")]
    judged = judge_signature(signature)
    if judged.is_fault:
        return [_failed(f"the passkey's assertion does not hold: {judged.text}")]
    parts = [Part(_SIGNATURE, Status.PASSED, f"the signed statement says what the review says; {judged.text}")]
    return [*parts, holder_part(holder_of, signature)] if judged.is_own_key else parts


def _said(record: Record, statement: Any, signature: Any) -> dict[str, bool]:
    """What the statement says beside what the entry says."""
    payload = record.payload
    return {
        "purpose": statement["purpose"] == REVIEW_PURPOSE,
        "person": statement["person"] == payload["person"] == signature["person"],
        "capacity": statement["capacity"] == (payload["on_behalf_of"] or payload["person"]),
        "verdict": statement["verdict"] == payload["verdict"],
        "meaning": statement["meaning"] == MEANINGS.get(payload["verdict"]),
        "reason": is_stated(statement["reason"], payload["reason"]),
        "change request": statement["change_request"] == record.subject,
        "content": (statement["content_digest"], statement["edit"]) == (payload["digest"], payload["edit"]),
        "time": statement["stated_at"] <= record.instant < statement["expires_at"],
        "digest": signature["statement_digest"] == digest_of(statement),
    }


def _failed(text: str) -> Part:
    return Part(_SIGNATURE, Status.FAILED, text)
