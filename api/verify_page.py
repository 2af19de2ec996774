"""The pack verifier as one page: public and static, for whoever was handed a pack and has no account.

    /verify                                  the page, under the very policy it carries itself
    /verify/muniment-verify.html             the same bytes, to keep: it works from a file, without a network
    /verify/muniment-verify.html.sha256      their SHA-256, as `sha256sum -c` reads it
    /verify/verify.py                        the verifier for Python, the very file that packs hold
    /verify/verify.py.sha256                 its SHA-256

The build of `console/` writes it (`verify.html`); nothing in it comes from a request.
"""

import asyncio
import re
from functools import lru_cache
from hashlib import sha256

from fastapi import APIRouter
from starlette.responses import Response

from api.console import MISSING, STATIC

NAME = "muniment-verify.html"
SCRIPT = "verify.py"
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)"')
_TEXT = "text/plain; charset=utf-8"

router = APIRouter(include_in_schema=False)


@router.get("/verify")
async def page() -> Response:
    """The page. Its policy allows the one script and the one style in it, and that nobody frames it."""
    data = _page()
    if data is None:
        return Response(MISSING, 503, media_type=_TEXT)
    found = _POLICY.search(data.decode())
    policy = "default-src 'none'" if found is None else found[1]
    headers = {"content-security-policy": f"{policy}; frame-ancestors 'none'"}
    return Response(data, 200, headers, "text/html; charset=utf-8")


@router.get(f"/verify/{NAME}")
async def kept() -> Response:
    """The page as a file to keep."""
    data = _page()
    if data is None:
        return Response(MISSING, 503, media_type=_TEXT)
    return Response(data, 200, {"content-disposition": f'attachment; filename="{NAME}"'}, "text/html; charset=utf-8")


@router.get(f"/verify/{NAME}.sha256")
async def digest() -> Response:
    """The digest of the file, to be held against the one that the release publishes."""
    data = _page()
    if data is None:
        return Response(MISSING, 503, media_type=_TEXT)
    return Response(f"{sha256(data).hexdigest()}  {NAME}\n", 200, media_type=_TEXT)


@router.get(f"/verify/{SCRIPT}")
async def script() -> Response:
    """The verifier for Python as a file to keep."""
    headers = {"content-disposition": f'attachment; filename="{SCRIPT}"'}
    return Response(await _script(), 200, headers, "text/x-python; charset=utf-8")


@router.get(f"/verify/{SCRIPT}.sha256")
async def script_digest() -> Response:
    """The digest of the file, to be held against the one that the release publishes."""
    return Response(f"{sha256(await _script()).hexdigest()}  {SCRIPT}\n", 200, media_type=_TEXT)


async def _script() -> bytes:
    from api.verifier import assembled  # reads sixty modules: for the first who asks, and not at every start

    return await asyncio.to_thread(assembled)


@lru_cache(maxsize=1)
def _page() -> bytes | None:
    path = STATIC / "verify.html"
    return path.read_bytes() if path.is_file() else None
