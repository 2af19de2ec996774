"""The console: the built single-page application of `console/`, served under `/console/` with a strict policy.

    /console/assets/*   named by their content: kept by browsers for a year, compressed once when first asked for
    /console/*          index.html, never kept, with a nonce of its own for the styles that components make

Every other address under `/console/` is a place inside the application, so it is answered with index.html as well. The
build tells which files the screen at a place is made of (`places.json`): they are named in the page, so that a browser
asks for all at once. Where that is not known the application finds them by itself.
"""

import gzip
import json
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.headers import header
from ledger.ids import IdMaker

STATIC = Path(__file__).resolve().parent / "static"
NONCE_PLACE = "STYLE_NONCE"
HEAD_END = "</head>"
KEPT_SECONDS = 31_536_000  # a year: an asset's name changes with its content
COMPRESSED = frozenset((".css", ".js", ".json", ".svg"))
MISSING = "The console is not built here. Build it with `make console`, or install the wheel, which holds it.\n"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)
_ids = IdMaker()


class Asset(NamedTuple):
    """A file of the build: its media type, its bytes, and these compressed where that is worth it."""

    media_type: str
    data: bytes
    zipped: bytes | None


@router.get("/")
async def root() -> Response:
    """Whoever names the service alone is led to the console, and from there to sign-in."""
    return RedirectResponse("/console/", 303)


@router.get("/console")
async def entrance() -> Response:
    """The console's address has a slash at its end: its assets are named from there."""
    return RedirectResponse("/console/", 308)


@router.get("/console/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file of the build; 404 for a name that it does not hold."""
    found = _assets().get(name)
    if found is None:
        raise HTTPException(404)
    keeping = {"cache-control": f"public, max-age={KEPT_SECONDS}, immutable", "vary": "accept-encoding"}
    if found.zipped is not None and "gzip" in header(request, b"accept-encoding", ""):
        return Response(found.zipped, 200, {**keeping, "content-encoding": "gzip"}, found.media_type)
    return Response(found.data, 200, keeping, found.media_type)


@router.get("/console/{place:path}")
async def index(place: str) -> Response:
    """The application, wherever inside it somebody begins."""
    if place.startswith("assets/"):
        raise HTTPException(404)
    text = _index()
    if text is None:
        return Response(MISSING, 503, media_type="text/plain; charset=utf-8")
    nonce = _ids.random("")
    headers = {
        "content-security-policy": POLICY.format(nonce=nonce),
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    }
    told = text.replace(NONCE_PLACE, nonce).replace(HEAD_END, _named(place) + HEAD_END)
    return Response(told, 200, headers, "text/html; charset=utf-8")


@lru_cache(maxsize=1)
def _index() -> str | None:
    path = STATIC / "index.html"
    return path.read_text("utf-8") if path.is_file() else None


def _named(place: str) -> str:
    """The files of the screen at a place, as a head names them; nothing for a place that is no screen's."""
    parts = place.split("/")
    for names, links in _places():
        if len(names) != len(parts):
            continue
        if all(name.startswith(":") or name == part for name, part in zip(names, parts, strict=True)):
            return links
    return ""


@lru_cache(maxsize=1)
def _places() -> tuple[tuple[list[str], str], ...]:
    """(path of a screen in its parts, links to its files), in the order in which the application looks for one."""
    path = STATIC / "places.json"
    told = json.loads(path.read_text("utf-8")) if path.is_file() else []
    return tuple((one["path"].split("/"), _links(one["scripts"], one["styles"])) for one in told)


def _links(scripts: list[str], styles: list[str]) -> str:
    """No reader of requests writes here: these are names of the build's own files."""
    preloads = [f'<link rel="modulepreload" crossorigin href="/console/{name}">' for name in scripts]
    sheets = [f'<link rel="stylesheet" crossorigin href="/console/{name}">' for name in styles]
    return "".join([*sheets, *preloads])


@lru_cache(maxsize=1)
def _assets() -> dict[str, Asset]:
    """Every asset by its name. Names of requests are looked up, never joined to a path."""
    return {path.name: _read(path) for path in (STATIC / "assets").glob("*") if path.is_file()}


def _read(path: Path) -> Asset:
    data = path.read_bytes()
    media_type = "font/woff2" if path.suffix == ".woff2" else guess_type(path.name)[0] or "application/octet-stream"
    zipped = gzip.compress(data, 9, mtime=0) if path.suffix in COMPRESSED else None
    return Asset(media_type, data, zipped)
