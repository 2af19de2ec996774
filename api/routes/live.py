"""Live updates: one stream of server-sent events that says what changed, for a person who is signed in.

An event holds no data, so no rule of who may read what is judged here a second time: the client reads again. Named
things are asked for once, when the stream is opened, by the same door as reading them, and again when a register
changed.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.allowing import allow, allowed_domains, not_found
from api.context import service_of, viewing
from api.describing import Media, described
from api.headers import header
from api.live.answering import Stream
from api.live.topics import CHANGE, INSTANCE, LEDGER, OVERVIEW, TOPICS_MAX, parse_topics
from api.live.watching import Listener, watches_of
from api.paging import NUMBER_DIGITS_MAX, word
from api.problem_texts import tell
from api.reading_as import reading_as
from api.refusal_texts import why
from api.streams import EVENTS
from ledger.actor import Actor, ActorKind
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.service import View
from orchestrator import pages
from rbac.permission import Action, Object
from versioning import pages as change_pages

router = APIRouter(prefix="/v1", tags=["live"])

READ_INSTANCE = (Object.INSTANCE, Action.READ)
READ_OVERVIEW = (Object.OVERVIEW, Action.READ)
READ_LEDGER = (Object.LEDGER, Action.READ)
READ_CHANGE = (Object.CHANGE_REQUEST, Action.READ)
READ_PACK = (Object.EVIDENCE_PACK, Action.READ)

_TOPICS_CHARS_MAX = TOPICS_MAX * 50
_NOT_A_PERSON = Refusal(Reason.NOT_A_PERSON, why("not-signed-in-person"))


@router.get("/live", **described(Media((EVENTS,)), query=("topics",)))
async def live(request: Request) -> Response:
    """Events that say what of `topics` changed: `inbox`, `notifications`, `overview`, `ledger`,
    `instance:ID`, `change:ID`, `pack:ID`. Each has the size of the log as its id, and as its data `size` and `topics`.

    `Last-Event-ID` tells what changed meanwhile. `ended` is the last event when the session or a permission ended.
    """
    watches = watches_of(request.app.state)
    with viewing(request) as (view, actor):
        topics = parse_topics(word(request, "topics", chars_max=_TOPICS_CHARS_MAX))
        since = _since(request)
        if actor.kind is not ActorKind.PERSON or actor.person is None or actor.sign_in is None:
            raise problems.Refused(problems.of_refusal(_NOT_A_PERSON))
        _may_follow(request, view, actor, topics)

        def still(later: View) -> None:
            _may_follow(request, later, actor, topics)

        key = (view.log.name, str(actor.person))
        watches.enter(key)
        listener = Listener(key, actor.sign_in, topics, still, view.head.size)
        watch = watches.of(service_of(request).reader)
        watch.join(listener, view)

    def leave() -> None:
        watch.leave(listener)
        watches.leave(key)

    return Stream(listener, None if since is None else lambda: watch.missed(listener, since), leave)


def _since(request: Request) -> int | None:
    text = header(request, b"last-event-id", None)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > NUMBER_DIGITS_MAX:
        raise BrokenInput(tell("id-of-event"), "Last-Event-ID")
    return int(text)


def _may_follow(request: Request, view: View, actor: Actor, topics: frozenset[str]) -> None:
    """A problem for the first topic that this person could not read. What waits for a person is anybody's to follow."""
    for topic in sorted(topics):
        noun, _, about = topic.partition(":")
        if noun == INSTANCE:
            _may_follow_instance(request, view, actor, about)
        elif noun == CHANGE:
            allow(request, view, actor, READ_CHANGE)
            if change_pages.change_request(reading_as(view, actor), about) is None:
                raise not_found(tell("a-change-request"))
        elif noun == OVERVIEW:
            allowed_domains(request, view, actor, READ_OVERVIEW)
        elif noun == LEDGER:
            allow(request, view, actor, READ_LEDGER)
        elif about:  # a pack may be followed before it is built
            allow(request, view, actor, READ_PACK)


def _may_follow_instance(request: Request, view: View, actor: Actor, about: str) -> None:
    row = pages.instance_row(reading_as(view, actor), about)
    if row is None:
        allowed_domains(request, view, actor, READ_INSTANCE)
        raise not_found(tell("a-process-instance"))
    allow(request, view, actor, READ_INSTANCE, row.domain)
