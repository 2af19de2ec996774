"""Evidence: compliance records, answers to regulatory questions, evidence packs.

All of it reads many rows, so it runs on threads; building a pack also sends two commands, whose answers the event
loop delivers meanwhile. What a reader may not see stays a commitment, in records and packs alike. What builds packs
and pages is imported by the first request that needs it: templates and proofs would cost every start a quarter second.
"""

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from api import pack_lists, problems
from api.allowing import allow, allowed_domains, not_found, readable
from api.answers.values import ItemAnswer
from api.app import json_answer
from api.body import parse_body
from api.context import command_id_of, service_of, viewing
from api.describing import Media, described
from api.paging import page, path, wanted, word
from api.problem_texts import tell
from api.reading_as import reading_as
from api.schemas import PackBody, QuestionBody
from governance.questions.answer import Asking
from governance.questions.catalogue import QUESTIONS
from ledger.actor import Actor
from ledger.clock import instant_text
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import View
from ledger.wording import as_it_is
from ledger.work import Answer
from ledger.work import Request as WriteRequest
from orchestrator import pages
from rbac.permission import WHOLE, Action, DataClass, Object

if TYPE_CHECKING:
    from api.packs import EvidenceRoom

router = APIRouter(tags=["evidence"])

READ = (Object.COMPLIANCE_RECORD, Action.READ)
ASK = (Object.QUESTION, Action.ASK)
READ_QUESTION = (Object.QUESTION, Action.READ)
PACK = (Object.EVIDENCE_PACK, Action.PACK)
READ_PACK = (Object.EVIDENCE_PACK, Action.READ)
STYLE = "/report.css"
RECORD = Media(("text/html",), ItemAnswer)
_PACK_ID = re.compile(r"pk_[0-9a-z]{26}", re.ASCII)


@router.get(STYLE, **described(Media(("text/css",)), public=True))
async def style(_: Request) -> Response:
    """The style sheet of records as pages."""
    from api.record_html import REPORT_CSS

    return FileResponse(REPORT_CSS, media_type="text/css")


@router.get("/v1/process-instances/{id}/compliance-record", **described(RECORD, query=("format",)))
async def of_instance(request: Request) -> Response:
    """The record of an instance in words: who, under which authority, when, on what, what followed; JSON or HTML."""
    return await _record(request, path(request, "id"), path(request, "id"))


@router.get("/v1/decisions/{id}/compliance-record", **described(RECORD, query=("format",)))
async def of_decision(request: Request) -> Response:
    """The record of one decision, by the id of its task; JSON or HTML."""
    about = path(request, "id")
    return await _record(request, about.partition(".")[0], about)


async def _record(request: Request, instance: str, about: str) -> Response:
    from api.evidence import compliance_record
    from api.record_html import report_html

    domain, allowed = _may(request, instance, READ)
    form = word(request, "format", "html" if "text/html" in request.headers.get("accept", "") else "json")
    if form not in ("json", "html"):
        raise BrokenInput(tell("json-or-html"), "query.format")
    record = await _on_thread(request, lambda view: compliance_record(view, about, allowed))
    if record is None:
        raise not_found(tell("a-decision") if "." in about else tell("an-instance-of-domain", domain=as_it_is(domain)))
    value = record.as_value()
    return HTMLResponse(report_html([value], style=STYLE)) if form == "html" else json_answer(value)


@router.get("/v1/questions", **described("evidence.QuestionsAnswer"))
async def questions(request: Request) -> Response:
    """The catalogue of regulatory questions, with the clauses they serve."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ_QUESTION)
    items = [{**definition.as_value(), "digest": definition.digest} for definition, _ in QUESTIONS.values()]
    return json_answer({"items": items, "cursor": None})


@router.post("/v1/answers", **described("evidence.QuestionAnswered", (QuestionBody,)))
async def answer(request: Request) -> Response:
    """The answer to a question: satisfied, violated or not determinable, with its evidence and position."""
    from api.evidence import Question, answer_question

    with viewing(request) as (view, actor):
        allow(request, view, actor, ASK)
        now = view.now
    body = await parse_body(QuestionBody, request)
    if body.question not in QUESTIONS:
        raise not_found(tell("a-question-of-the-catalogue"))
    _may(request, body.instance, ASK)
    asked = Question(body.question, body.instance, Asking(str(actor.id), instant_text(now), body.purpose), body.trust)
    found = await _on_thread(request, lambda view: answer_question(view, asked))
    return json_answer(found.as_value())


@router.post("/v1/evidence-packs", **described("evidence.PackAnswer", (PackBody,), command=True))
async def build(request: Request) -> Response:
    """Build a pack, once for each `Idempotency-Key`; it is handed out only after its entry is durable, at `href`."""
    from api.pack_store import build_once
    from api.packs import QUESTIONS_ASKED, PackRequest

    with viewing(request) as (view, actor):
        allow(request, view, actor, PACK)
    body = await parse_body(PackBody, request)
    for place, instance in enumerate(body.instances):
        if not instance.startswith("pi_"):
            raise BrokenInput(tell("id-of-instance"), f"body.instances.{place}")
        _may(request, instance, PACK)
    asked = PackRequest(
        instances=tuple(body.instances),
        purpose=body.purpose,
        recipient=body.recipient,
        allowed=_allowed(request, actor),
        questions=QUESTIONS_ASKED if body.questions is None else tuple(body.questions),
        kept=tuple(body.kept),
    )
    command_id = command_id_of(request, actor)
    room, folder = _room(request), service_of(request).packs
    built = await asyncio.to_thread(build_once, room, actor, command_id, asked, folder)
    if isinstance(built, Refusal):
        return problems.of_refusal(built)
    return json_answer(
        {
            "outcome": "built",
            "pack": built.pack,
            "digest": built.digest,
            "pack_bytes": built.pack_bytes,
            "entries": built.entries,
            "href": f"/v1/evidence-packs/{built.pack}",
        }
    )


@router.get("/v1/evidence-packs", **described("evidence.PacksAnswer", query=("limit", "cursor")))
async def packs(request: Request) -> Response:
    """Packs on the record, newest first: who built each, when, for whom; `href` where it can be downloaded here."""
    place = wanted(request, str)
    folder = service_of(request).packs
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ_PACK)
        may = DataClass.CONFIDENTIAL in readable(request, view, actor)
        rows = pack_lists.packs(view, place.after[0] if place.after else "", place.limit + 1)
        answer = page(
            rows, place.limit, lambda one: (one.pack,), lambda one: pack_lists.pack_value(view, one, may, folder)
        )
    return json_answer(answer)


@router.get("/v1/evidence-packs/{id}", **described(Media(("application/zip",))))
async def download(request: Request) -> Response:
    """The pack itself, as a zip archive."""
    with viewing(request) as (view, actor):
        allow(request, view, actor, READ_PACK)
    name = path(request, "id")
    file = service_of(request).packs / f"{name}.zip"
    if _PACK_ID.fullmatch(name) is None or not file.is_file():
        raise not_found(tell("an-evidence-pack-built-here"))
    return FileResponse(file, media_type="application/zip", filename=f"{name}.zip")


def _may(request: Request, instance: str, act: tuple[Object, Action]) -> tuple[str, Callable[[str, str], bool]]:
    """The domain of an instance in which `act` is permitted, and what the caller may see there."""
    with viewing(request) as (view, actor):
        row = pages.instance_row(reading_as(view, actor), instance)
        if row is None:
            allowed_domains(request, view, actor, act)
            raise not_found(tell("a-process-instance"))
        allow(request, view, actor, act, row.domain)
        classes = readable(request, view, actor, row.domain)
    return row.domain, lambda data_class, _: data_class in classes


def _allowed(request: Request, actor: Actor) -> Callable[[str, str], bool]:
    """A pack holds registers of the whole organisation: what may be read everywhere is opened."""
    with service_of(request).reader.view() as view:
        classes = readable(request, view, actor, WHOLE)
    return lambda data_class, _: data_class in classes


def _room(request: Request) -> "EvidenceRoom":
    """What building needs: commands cross from the building thread to the event loop's writer."""
    from api.packs import EvidenceRoom

    service, loop = service_of(request), asyncio.get_running_loop()

    async def send(asked: WriteRequest) -> Answer:
        answer = await service.writer.submit(asked)
        if service.witnessing is None:
            return answer
        from api.witnessing import covered_if_any

        return await covered_if_any(service.witnessing, answer)

    def run(asked: WriteRequest) -> Answer:
        return asyncio.run_coroutine_threadsafe(send(asked), loop).result()

    log, rooms = service.log, service.rooms
    return EvidenceRoom(log, service.reader, run, log.secrets.sign_bytes, rooms.ids, rooms.clock.wall)


async def _on_thread(request: Request, work: Callable[[View], Any]) -> Any:
    reader = service_of(request).reader

    def run() -> Any:
        with reader.view() as view:
            return work(view)

    return await asyncio.to_thread(run)
