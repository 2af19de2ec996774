"""Which query parameters a read takes: those its route says. Any other is refused, since a reader who misspells what
they look for would be shown everything and take it for the answer. So is one that is given twice: one of its values
would count and the other be dropped unseen.
"""

from typing import Any

from starlette.requests import Request

from api import problems
from api.problem_texts import tell
from ledger.refusal import Reason
from ledger.wording import Wording, as_it_is

_EVERYWHERE = frozenset(("log",))  # which log a request is for (`api.services`)
_SHOWN_MAX = 60  # characters of a name repeated in an answer
_READS = ("GET", "HEAD")


def check_query(request: Request) -> None:
    """`Refused` with 422 for a parameter that the route of a read does not take, by its name."""
    if request.method not in _READS or not request.scope["query_string"]:
        return
    taken = _taken(request.scope.get("route"))
    if taken is None:
        return
    seen = set[str]()
    for name, _ in request.query_params.multi_items():
        if name not in taken:
            known = ", ".join(sorted(taken - _EVERYWHERE)) or "none"
            raise _refused(name, tell("parameter-not-read", known=as_it_is(known)))
        if name in seen:
            raise _refused(name, tell("parameter-twice"))
        seen.add(name)


def _refused(name: str, detail: Wording) -> problems.Refused:
    where = {"location": f"query.{name[:_SHOWN_MAX]}"}
    return problems.Refused(problems.problem(422, Reason.INVALID_DATA.value, detail, where))


def _taken(route: Any) -> frozenset[str] | None:
    """The parameters a route describes (`api.describing`); None for one that describes nothing."""
    extra = getattr(route, "openapi_extra", None)
    if extra is None:
        return None
    named = [one["name"] for one in extra.get("parameters", ()) if one["in"] == "query"]
    return frozenset(named) | _EVERYWHERE
