"""Comments and attachments of instances and tasks: said, listed, attached and downloaded."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, allowed_domains, not_found, readable
from api.app import json_answer
from api.body import parse_body, read_body
from api.context import caller_of, send_as, service_of, viewing
from api.describing import Media, described
from api.headers import header
from api.naming import Names
from api.paging import choice, page, path, wanted, word
from api.people_schemas import CommentBody
from api.problem_texts import tell
from api.reading_as import reading_as
from api.routes.handing import task_id_of
from ledger.actor import Actor
from ledger.canonical import b64url, from_b64url
from ledger.certificates import told_erased
from ledger.service import View
from orchestrator.commands import split_id
from orchestrator.comment_lists import attachments, comments
from orchestrator.media import check_media
from orchestrator.on_comments import AddAttachment, AddComment, sealed_path
from orchestrator.pages import InstanceRow, instance_row
from orchestrator.people_tables import ATTACHMENT, AttachmentRow, CommentRow
from rbac.permission import Action, DataClass, Object

router = APIRouter(prefix="/v1", tags=["comments"])

ANY = ("*/*",)  # media types of attachments: what the settings let in
CLASSES = ("confidential", "personal", "special")
READ = (Object.TASK, Action.READ)


@router.get("/tasks/{id}/comments", **described("people.CommentsAnswer", query=("limit", "cursor")))
async def of_task(request: Request) -> Response:
    """What was said about the instance of a task, oldest first; `task` says about which task it was."""
    return json_answer(await asyncio.to_thread(_comments, request, True))


@router.get("/process-instances/{id}/comments", **described("people.CommentsAnswer", query=("limit", "cursor")))
async def of_instance(request: Request) -> Response:
    """What was said about an instance and its tasks, oldest first."""
    return json_answer(await asyncio.to_thread(_comments, request, False))


@router.post("/tasks/{id}/comments", **described("people.Commented", (CommentBody,), command=True))
async def say_of_task(request: Request) -> Response:
    """Comment on a task. An edit is a comment that replaces an earlier one."""
    return await _say(request, task_id_of)


@router.post("/process-instances/{id}/comments", **described("people.Commented", (CommentBody,), command=True))
async def say_of_instance(request: Request) -> Response:
    """Comment on an instance. An edit is a comment that replaces an earlier one."""
    return await _say(request, _instance_id)


@router.get("/tasks/{id}/attachments", **described("people.AttachmentsAnswer", query=("limit", "cursor")))
async def files_of_task(request: Request) -> Response:
    """What is attached to the instance of a task, oldest first."""
    return json_answer(await asyncio.to_thread(_attachments, request, True))


@router.get("/process-instances/{id}/attachments", **described("people.AttachmentsAnswer", query=("limit", "cursor")))
async def files_of_instance(request: Request) -> Response:
    """What is attached to an instance and its tasks, oldest first."""
    return json_answer(await asyncio.to_thread(_attachments, request, False))


@router.post(
    "/tasks/{id}/attachments",
    **described("people.Attached", Media(ANY), query=("name", "class", "comment"), command=True),
)
async def attach_to_task(request: Request) -> Response:
    """Attach a file to a task: the body is the file, `Content-Type` what it is, and its first bytes have to agree."""
    return await _attach(request, task_id_of)


@router.post(
    "/process-instances/{id}/attachments",
    **described("people.Attached", Media(ANY), query=("name", "class", "comment"), command=True),
)
async def attach_to_instance(request: Request) -> Response:
    """Attach a file to an instance: as to a task."""
    return await _attach(request, _instance_id)


@router.get("/process-instances/{id}/attachments/{attachment}", **described(Media(ANY)))
async def download(request: Request) -> Response:
    """The file as it was attached, held against its commitment. It is for saving: no browser opens it in place."""
    return await asyncio.to_thread(_download, request)


async def _say(request: Request, about: Any) -> Response:
    actor = caller_of(request)
    body = await parse_body(CommentBody, request)
    command = AddComment(about(request), body.text, body.data_class, tuple(body.mentions), body.replaces)
    return await send_as(request, actor, command)


async def _attach(request: Request, about: Any) -> Response:
    actor = caller_of(request)
    size_max, allowed = service_of(request).attachments
    media_type = header(request, b"content-type", "").partition(";")[0].strip().lower()
    data_class = choice(request, "class", CLASSES, "confidential")
    name, comment = word(request, "name", "file"), word(request, "comment", "")
    content = await read_body(request, size_max)
    await asyncio.to_thread(check_media, media_type, content, allowed)
    command = AddAttachment(about(request), name, media_type, b64url(content), data_class, comment)  # type: ignore[arg-type]  # `choice` gave one of them
    return await send_as(request, actor, command)


def _comments(request: Request, is_task: bool) -> dict[str, Any]:
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        row, classes, names = _readable(request, view, actor, is_task)
        found = comments(view, row.id, str(place.after[0]) if place.after else "", place.limit + 1)

        def told(one: CommentRow) -> dict[str, Any]:
            return {
                "id": one.id,
                "task": f"{row.id}.{one.number}" if one.number else None,
                "by": one.by,
                "by_name": names.of(one.by, row.domain),
                "is_mine": one.by == actor.person,
                "text": _opened(view, row.id, (one.id, "text", one.text), (one.data_class, one.data_subject), classes),
                "data_class": one.data_class,
                "mentions": [{"id": who, "name": names.of(who, row.domain)} for who in orjson.loads(one.mentions)],
                "replaces": one.replaces or None,
                "replaced_by": one.replaced_by or None,
                "added_at": one.added_at,
            }

        return page(found, place.limit, lambda one: (one.id,), told)


def _attachments(request: Request, is_task: bool) -> dict[str, Any]:
    place = wanted(request, str)
    with viewing(request) as (view, actor):
        row, classes, names = _readable(request, view, actor, is_task)
        found = attachments(view, row.id, str(place.after[0]) if place.after else "", place.limit + 1)

        def told(one: AttachmentRow) -> dict[str, Any]:
            return {
                "id": one.id,
                "instance": row.id,
                "task": f"{row.id}.{one.number}" if one.number else None,
                "by": one.by,
                "by_name": names.of(one.by, row.domain),
                "name": _opened(view, row.id, (one.id, "name", one.name), (one.data_class, one.data_subject), classes),
                "media_type": one.media_type,
                "size_bytes": one.size_bytes,
                "commitment": orjson.loads(one.content)["$commitment"],
                "data_class": one.data_class,
                "comment": one.comment or None,
                "added_at": one.added_at,
            }

        return page(found, place.limit, lambda one: (one.id,), told)


def _download(request: Request) -> Response:
    with viewing(request) as (view, actor):
        row, classes, _ = _readable(request, view, actor, False)
        found = view.get(ATTACHMENT, row.id, path(request, "attachment"))
        if found is None:
            raise not_found(tell("an-attachment"))
        field = {"confidential": Object.FIELD_CONFIDENTIAL, "personal": Object.FIELD_PERSONAL}
        allow(request, view, actor, (field.get(found.data_class, Object.FIELD_SPECIAL), Action.READ), row.domain)
        at = (found.data_class, found.data_subject)
        name = _opened(view, row.id, (found.id, "name", found.name), at, classes)
        content = _opened(view, row.id, (found.id, "content", found.content), at, classes)
    if type(content) is not str or type(name) is not str:
        raise not_found(tell("an-attachment-whose-content-was-not-erased"))
    data = from_b64url(content)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Repr-Digest": f"sha-256=:{b64encode(sha256(data).digest()).decode()}:",  # RFC 9530
    }
    return Response(data, 200, headers, found.media_type)


def _readable(
    request: Request, view: View, actor: Actor, is_task: bool
) -> tuple[InstanceRow, frozenset[DataClass], Names]:
    """The instance for who may read its tasks, the classes they may read, and what people are called to them."""
    instance = split_id(task_id_of(request))[0] if is_task else path(request, "id")
    row = instance_row(reading_as(view, actor), instance)
    if row is None:
        allowed_domains(request, view, actor, READ)
        raise not_found(tell("an-instance"))
    allow(request, view, actor, READ, row.domain)
    classes = readable(request, view, actor, row.domain)
    return row, classes, Names(view, lambda _: DataClass.PERSONAL in classes)


def _opened(view: View, instance: str, part: tuple[str, str, str], at: tuple[str, str], classes: frozenset[Any]) -> Any:
    """A part (id, name, recorded) in clear, or what stands in its place for this reader or since its erasure."""
    identity, name, recorded = part
    sealed = orjson.loads(recorded)
    if at[0] not in classes:
        return {"$commitment": sealed["$commitment"], "reason": "CLASS_NOT_READABLE"}
    value = view.unseal(instance, sealed_path(identity, name), sealed)
    return value if value is not None else {"$commitment": sealed["$commitment"], **told_erased(view, at[1])}


def _instance_id(request: Request) -> str:
    return path(request, "id")
