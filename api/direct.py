"""The direct way: commands sent by the thousand go from the server to their route, without the framework between.

FastAPI passes a request through eight layers, looks at sixty routes and solves dependencies that these routes do not
have; that was half of what the service did for a decision (measured). A caller sees no difference: the same problems,
headers and counts, and the routes stand in the application as well, where they are described. Other methods of these
addresses, and whatever else is strange about a request, go to the application.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.headers import secured
from api.metrics import SECOND, Counts
from api.services import ANSWERING

Endpoint = Callable[[Request], Awaitable[Response]]
OnError = Callable[[Request, Exception], Awaitable[Response]]

_ID = "{id}"


class Way(NamedTuple):
    """An address and what answers a POST to it."""

    path: str
    endpoint: Endpoint


class Direct:
    """Finds and answers the requests that go the direct way.

    A path has no parameter, or one: `{id}`, as its last part but one. `on_error` makes the answer of what an endpoint
    raises.
    """

    def __init__(self, ways: Mapping[str, Endpoint], counts: Counts, on_error: OnError) -> None:
        self._plain = {path: Way(path, endpoint) for path, endpoint in ways.items() if _ID not in path}
        self._with_id: dict[tuple[str, str], Way] = {}
        for path, endpoint in ways.items():
            if _ID in path:
                start, _, last = path.partition(f"/{_ID}/")
                self._with_id[start, last] = Way(path, endpoint)
        self._counts = counts
        self._on_error = on_error

    def find(self, scope: Scope) -> Way | None:
        """The way of a POST, with its parameter put into the scope; None for every other request."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope.get("root_path"):
            return None
        path = scope["path"]
        way = self._plain.get(path)
        if way is not None:
            scope["path_params"] = {}
            return way
        head, _, last = path.rpartition("/")
        start, _, given = head.rpartition("/")
        way = self._with_id.get((start, last)) if given else None
        if way is not None:
            scope["path_params"] = {"id": given}
        return way

    async def answer(self, way: Way, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count the answer."""
        request = Request(scope, receive, send)
        clock = self._counts.clock
        began = clock.monotonic()
        status = 500
        try:
            try:
                response = await way.endpoint(request)
            except Exception as error:
                response = await self._on_error(request, error)
            status = response.status_code
            headers = secured(response.raw_headers)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": response.body})
        finally:
            self._counts.add((scope.get(ANSWERING, ""), "POST", way.path, status), (clock.monotonic() - began) / SECOND)
