"""Change requests: the only way to change a governed artefact. Commands here; what may be read in `change_views`."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.body import parse_body
from api.conflicts import of_change
from api.context import caller_of, send_as
from api.describing import described
from api.paging import path
from api.preconditions import expected_revision
from api.schemas import EditBody, ProposeBody, ReviewBody, RevisionBody
from ledger.errors import BrokenInput
from versioning.change import Verdict
from versioning.commands import (
    EditChange,
    ProposeChange,
    ReleaseChange,
    RetireArtefact,
    ReviewChange,
    SubmitChange,
    WithdrawChange,
)

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
            raise BrokenInput("expected a base version and nothing else with `retires`", "body")
        return RetireArtefact(body.kind, body.retires, body.base_version, body.title, body.reason)
    if body.source is None:
        raise BrokenInput("field required", "body.source")
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


@router.post("/{id}/reviews", **described("changes.ChangedAnswer", (ReviewBody,), command=True))
async def review(request: Request) -> Response:
    """Approve, request changes or refuse what has the digest that was read."""
    actor = caller_of(request)
    body = await parse_body(ReviewBody, request)
    revision = expected_revision(request, body.expected_revision)
    command = ReviewChange(path(request, "id"), Verdict(body.verdict), body.digest, body.reason, revision)
    return await send_as(request, actor, command, of_change(request, actor, command.id, body.digest))


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
