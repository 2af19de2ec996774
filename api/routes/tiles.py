"""The log as tiles (c2sp.org/tlog-tiles): checkpoint, hash tiles and entry bundles below `/log/{log}`.

    LOG_PUBLIC=none            every request needs the permission `ledger: read`
    LOG_PUBLIC=checkpoints     the checkpoint is for everybody
    LOG_PUBLIC=hashes          hash tiles as well; entry bundles always need the permission

What a tile or bundle holds never changes, so it may be cached for as long as anybody likes.
"""

import asyncio
import gzip
from collections.abc import Container
from hashlib import sha256

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.allowing import allow, not_found
from api.context import caller, service_of
from api.headers import header
from api.log_service import Service
from api.problem_texts import tell
from api.services import services_of
from ledger import showing
from ledger.service import Reader
from ledger.tiles import ENTRIES, TileName, parse_path
from rbac.permission import Action, Object

router = APIRouter(prefix="/log", tags=["tiles"], include_in_schema=False)

READ = (Object.LEDGER, Action.READ)
METHODS = ["GET", "HEAD"]
FOREVER = "max-age=31536000, immutable"
MOMENT = "max-age=2"  # seconds; a checkpoint is published about once a second
GZIP_LEVEL = 5


@router.api_route("/{log}/checkpoint", methods=METHODS, response_model=None)
async def checkpoint(request: Request) -> Response:
    """The newest published checkpoint, with the lines of identity key and witnesses."""
    service, is_public = _admitted(request, ("checkpoints", "hashes"))
    with service.reader.view() as view:
        shown = showing.newest(view)
    if shown is None:
        raise not_found(tell("a-published-checkpoint"))
    return _answer(request, shown.note.encode(), "text/plain; charset=utf-8", _caching(is_public, MOMENT))


@router.api_route("/{log}/tile/{name:path}", methods=METHODS, response_model=None)
async def tile(request: Request) -> Response:
    """A hash tile or an entry bundle."""
    name = parse_path(f"tile/{request.path_params['name']}")
    is_bundle = name is not None and name.level == ENTRIES
    service, is_public = _admitted(request, () if is_bundle else ("hashes",))
    if name is None:
        raise not_found(tell("a-tile-of-this-name"))
    data = await asyncio.to_thread(_read, service.reader, name)
    if data is None:
        raise not_found(tell("a-published-tile-of-this-name-and-width"))
    wants_gzip = is_bundle and _accepts_gzip(header(request, b"accept-encoding", ""))
    more = {"Vary": "Accept-Encoding"} if is_bundle else {}
    if wants_gzip:
        data = await asyncio.to_thread(gzip.compress, data, GZIP_LEVEL, mtime=0)
        more["Content-Encoding"] = "gzip"
    return _answer(request, data, "application/octet-stream", {**_caching(is_public, FOREVER), **more})


def _read(reader: Reader, name: TileName) -> bytes | None:
    with reader.view() as view:
        return showing.tile(view, name)


def _admitted(request: Request, public: Container[str]) -> tuple[Service, bool]:
    """The service of the log that the address names, and whether everybody may see this; a problem otherwise.

    Without a credential nobody learns whether a log that is not public is served here.
    """
    services = services_of(request)
    found = services.named(request.path_params["log"])
    if found is not None and found.log_public in public:
        return services.answering(request, found), True
    own = service_of(request)
    with own.reader.view() as view:
        allow(request, view, caller(request, view), READ)
    if own is not found:
        raise not_found(tell("a-log-of-this-name"))
    return own, False


def _caching(is_public: bool, how_long: str) -> dict[str, str]:
    return {"Cache-Control": f"{'public' if is_public else 'private'}, {how_long}"}


def _answer(request: Request, data: bytes, media_type: str, headers: dict[str, str]) -> Response:
    tag = f'"{sha256(data).hexdigest()[:32]}"'
    headers = {**headers, "ETag": tag}
    known = header(request, b"if-none-match", "")
    if known == "*" or tag in [one.strip().removeprefix("W/") for one in known.split(",")]:
        return Response(None, 304, headers)
    if request.method == "HEAD":
        return Response(None, 200, {**headers, "Content-Length": str(len(data))}, media_type)
    return Response(data, 200, headers, media_type)


def _accepts_gzip(accepted: str) -> bool:
    for one in accepted.lower().split(","):
        coding, _, quality = one.strip().partition(";")
        if coding.strip() in ("gzip", "x-gzip"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
