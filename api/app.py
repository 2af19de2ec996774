"""The HTTP service: routes, problems for every error, limits and security headers.

A route reads the request, hands a command to the writer or a question to a view, and answers. It holds no rule about
the business: those are in the rooms, under the head lock. The event loop does no database write.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.context import caller_of
from api.describing import PUBLIC
from api.direct import Direct
from api.headers import secured
from api.problem_texts import tell
from api.services import Services
from ledger.errors import BrokenInput, MunimentError
from ledger.wording import in_english


class SecureHeaders:
    """Adds the headers that every answer carries; plain ASGI, since it runs on every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; headers are added to the start of the answer unless the route set them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = secured(message["headers"])
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Application(FastAPI):
    """The application. What goes the direct way never enters the framework."""

    direct: Direct | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through the lifespan."""
        way = None if self.direct is None else self.direct.find(scope)
        if way is None or self.direct is None:
            try:
                await super().__call__(scope, receive, send)
            except Exception as error:
                if scope["type"] != "http":
                    raise
                # It was answered. Raised further, the server would log its text as well.
                problems.log_bug(error, f"{scope['method']} {scope['path']}")
        else:
            scope["app"] = self
            await self.direct.answer(way, scope, receive, send)


def create_app(open_services: Callable[[], Services], routers: tuple[APIRouter, ...]) -> Application:
    """The application. `open_services` is called when it starts, in the serving process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = open_services()
        app.state.services = services
        await services.start()
        yield
        await services.stop()

    app = Application(
        title="Muniment",
        version="1",
        description="Runs processes under named authority and proves every decision.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        separate_input_output_schemas=False,
        redirect_slashes=False,  # one address for each thing
    )
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(MunimentError, _on_error)
    app.add_exception_handler(problems.Refused, _on_refused)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_bug)
    app.add_middleware(SecureHeaders)
    return app


async def on_raised(request: Request, error: Exception) -> Response:
    """The answer of whatever a route raised."""
    if isinstance(error, problems.Refused):
        return await _on_refused(request, error)
    if isinstance(error, HTTPException):
        return await _on_http_error(request, error)
    return await _on_error(request, error)


async def _on_error(request: Request, error: Exception) -> Response:
    """The problem of what a route raised. What is wrong with a request is told to those alone who may make one: most
    routes read a parameter or two before they ask who calls."""
    if isinstance(error, BrokenInput) and _needs_credential(request):
        try:
            caller_of(request)
        except problems.Refused as refused:
            return refused.response
        except MunimentError as other:
            error = other
    return problems.of_error(error, f"{request.method} {request.url.path}")


def _needs_credential(request: Request) -> bool:
    """Whether a route of the interface was asked that is not for everybody; all that go the direct way are none."""
    route = request.scope.get("route")
    if route is None:
        return True
    extra = getattr(route, "openapi_extra", None)
    return extra is not None and not extra[PUBLIC]


async def _on_bug(_: Request, __: Exception) -> Response:
    return problems.of_bug()  # the framework raises it once more, to be logged by `Application`


async def _on_refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, problems.Refused)
    return error.response


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    reason = problems.NO_ROUTE if error.status_code in (404, 405) else problems.MALFORMED
    headers = dict(error.headers) if error.headers else None
    said = {404: tell("no-route"), 405: tell("no-method")}.get(error.status_code, in_english(str(error.detail).lower()))
    return problems.problem(error.status_code, reason, said, {}, headers)


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer, serialised once."""
    return Response(problems.dumps(value), status, headers, "application/json")
