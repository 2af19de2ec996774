"""Change requests: the only way to change a governed artefact. Commands here; what may be read in `change_views`."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.app import json_answer
from api.body import parse_body
from api.conflicts import of_change
from api.context import answer_value, caller_of, command_id_of, refused, send_as, service_of
from api.describing import described
from api.paging import path
from api.preconditions import expected_revision
from api.problem_texts import tell
from api.routes.passkeys import signature_of
from api.schemas import EditBody, ProposeBody, ReviewBody, ReviewStatementBody, RevisionBody
from api.signing import Signing
from governance.signature import ReviewStatement, review_words
from ledger.clock import Instant, instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.work import Request as WriteRequest
from versioning.change import Verdict
from versioning.commands import (
    EditChange,
    ProposeChange,
    ReleaseChange,
    RetireArtefact,
    ReviewChange,
    StateReview,
    SubmitChange,
    WithdrawChange,
)
from versioning.stating import stated

router = APIRouter(prefix="/v1/change-requests", tags=["change requests"])


@router.post("", **described("changes.ChangedAnswer", (ProposeBody,), command=True))
async def propose(request: Request) -> Response:
    """Propose the next version of an artefact, or its retirement."""
    actor = caller_of(request)
    body = await parse_body(ProposeBody, request)
    return await send_as(request, actor, _proposal(body))


def _proposal(body: ProposeBody) -> ProposeChange | RetireArtefact:
    if body.retires is not None:
        if body.source is not None or body.base_version is None or body.draft or body.not_before is not None:
            raise BrokenInput(tell("retires-alone"), "body")
        return RetireArtefact(body.kind, body.retires, body.base_version, body.title, body.reason)
    if body.source is None:
        raise BrokenInput(tell("field-required"), "body.source")
    return ProposeChange(
        body.kind, body.source, body.base_version, body.title, body.reason, body.draft, body.not_before
    )


@router.put("/{id}/source", **described("changes.ChangedAnswer", (EditBody,), command=True))
async def edit(request: Request) -> Response:
    """Replace the source text; approvals given so far become stale."""
    actor = caller_of(request)
    body = await parse_body(EditBody, request)
    revision = expected_revision(request, body.expected_revision)
    return await send_as(request, actor, EditChange(path(request, "id"), body.source, revision, body.base_version))


@router.post("/{id}/submission", **described("changes.ChangedAnswer", (RevisionBody,), command=True))
async def submit(request: Request) -> Response:
    """Put a draft into review."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = expected_revision(request, body.expected_revision)
    return await send_as(request, actor, SubmitChange(path(request, "id"), revision))


@router.post("/{id}/statement", **described("changes.ReviewStatedAnswer", (ReviewStatementBody,), command=True))
async def statement(request: Request) -> Response:
    """The statement to sign under a review, as canonical JSON and in words, with a nonce that is good once."""
    actor = caller_of(request)
    body = await parse_body(ReviewStatementBody, request)
    command = StateReview(path(request, "id"), Verdict(body.verdict), body.reason, body.digest)
    asked = WriteRequest(actor, command, command_id_of(request, actor))
    answer = await service_of(request).writer.submit(asked)
    if isinstance(answer.outcome, Refusal):
        return await refused(answer.outcome, answer.receipt, of_change(request, actor, command.id, body.digest))
    value = answer_value(answer)
    said = ReviewStatement(**{name: member for name, member in value["statement"].items() if name != "purpose"})
    value["words"] = review_words(said, said.person, instant_text(Instant(said.stated_at)))
    value["digest"] = said.digest  # what a passkey is asked to sign, as its challenge
    return json_answer(value)


@router.post("/{id}/reviews", **described("changes.ChangedAnswer", (ReviewBody,), command=True))
async def review(request: Request) -> Response:
    """Approve, request changes or refuse what has the digest that was read: with the statement's nonce, and a passkey's
    assertion on the statement or the password entered again (and a code of the second factor)."""
    actor = caller_of(request)
    body = await parse_body(ReviewBody, request)
    revision = expected_revision(request, body.expected_revision)
    command_id, about = command_id_of(request, actor), (path(request, "id"), body.statement_nonce)
    signing = Signing(service_of(request), actor, command_id)
    signature = await signature_of(request, signing, body, lambda view: stated(view, *about))
    if isinstance(signature, Refusal):
        return problems.of_refusal(signature)
    command = ReviewChange(
        about[0], Verdict(body.verdict), body.digest, body.reason, revision, body.statement_nonce, signature
    )
    return await send_as(request, actor, command, of_change(request, actor, command.id, body.digest), command_id)


@router.post("/{id}/withdrawal", **described("changes.ChangedAnswer", (RevisionBody,), command=True))
async def withdraw(request: Request) -> Response:
    """Take one's own proposal back."""
    actor = caller_of(request)
    body = await parse_body(RevisionBody, request)
    revision = expected_revision(request, body.expected_revision)
    return await send_as(request, actor, WithdrawChange(path(request, "id"), revision))


@router.post("/{id}/release", **described("changes.ReleasedAnswer", command=True))
async def release(request: Request) -> Response:
    """Put an approved change in force."""
    actor = caller_of(request)
    return await send_as(request, actor, ReleaseChange(path(request, "id")))
