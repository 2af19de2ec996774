"""Operations of a connector over HTTP, read from source into their canonical value.

    book_loan:
      method: POST
      path: "/branches/{branch}/loans"
      time_out: 10 seconds
      sends: application/merge-patch+json     # and `accepts`: the media type, where it is not application/json
      redirects: 2                       # followed at most so often; GET and HEAD alone, each hop checked anew
      takes: {branch: {in: path, type: string, required: true}, amount: {in: body, type: money}}
      answer: {type: object, properties: {loan_id: {type: string, required: true}}}
      empty: [204]                       # answered without content, these are successes without a result
      example: {loan_id: "L-1"}          # what the operation answers in test mode

An operation without `takes` is as it was before there were types: `{name}` in the path is filled, the other arguments
go into the query or the JSON body. `takes` and `answer` are those of `versioning.kinds.typed`.
"""

import re
from typing import Any, Final

from ledger.wording import as_it_is, listed
from versioning.kinds import reaching
from versioning.kinds.located import Located, Members, plain
from versioning.kinds.reading_texts import tell
from versioning.kinds.typed import read_arguments, read_type

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
JSON: Final = "application/json"  # what goes out and is asked for unless said
BODY_METHODS: Final = frozenset(("POST", "PUT", "PATCH"))
SCHEMES: Final = ("bearer", "basic", "api key", "client credentials", "webhook")
TIME_OUT_SECONDS_MAX = 120  # longer work belongs in a job, which is leased and can be taken over
TIME_OUT_MS_DEFAULT = 10_000
RESPONSE_BYTES_MAX = 1024 * 1024
RESPONSE_BYTES_DEFAULT = 64 * 1024  # larger than any answer a step should put into its data
REDIRECTS_MAX = 5
SUCCESSES: Final = range(200, 300)  # status codes

_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'(*)+,;=:@%-]|\{[a-z][a-z0-9_]*\})*)+\Z")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}( [\x21\x23-\x5b\x5d-\x7e]{1,100}){0,19}\Z")  # RFC 6749, 3.3
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,120}\Z")
# JSON by another name (RFC 6838, 4.2 and 6839, 3.1), with its parameters.
_JSON = re.compile(
    r"(application/json|text/json|[a-z]+/[A-Za-z0-9][A-Za-z0-9!#$&^_.-]{0,100}\+json)"
    r"( ?; ?[A-Za-z0-9_.-]{1,40}=([A-Za-z0-9_.+-]{1,80}|\"[A-Za-z0-9 _.:/?#=+-]{1,120}\"))*\Z"
)
_OF_AN_OPERATION = (
    "method", "path", "time_out", "response_bytes_max", "title", "takes", "answer", "redirects", "example", "sends",
    "accepts", "empty",
)  # fmt: skip


def is_path(text: object) -> bool:
    """Whether a text is a path with placeholders, without query or fragment."""
    return isinstance(text, str) and _PATH.match(text) is not None and "/../" not in f"{text}/"


def is_key_name(text: object) -> bool:
    """Whether an API key may be handed over under this name."""
    return isinstance(text, str) and _HEADER.match(text) is not None


def read_operation(member: Located) -> dict[str, Any]:
    """{method, path, arguments, time_out_ms, response_bytes_max} and, where given, {title, takes, answer, redirects,
    sends, accepts, empty, example}; `arguments` are the names the path needs, sorted."""
    members = Members(member, tell("what-an-operation"))
    members.known(_OF_AN_OPERATION)
    method = members.required("method")
    if method.value not in METHODS:
        raise method.error(tell("one-of", names=listed(METHODS)))
    path = members.required("path")
    if not is_path(path.value):
        raise path.error(tell("path", path=as_it_is("/loans/{loan}")))
    value = {
        "method": method.value,
        "path": path.value,
        "arguments": sorted(set(_PLACEHOLDER.findall(path.value))),
        **bounds(members),
    }
    takes = members.optional("takes")
    if takes is not None:
        value["takes"] = read_arguments(takes)
        _check_takes(takes, value)
    redirects = members.optional("redirects")
    if redirects is not None:
        value |= _redirects(redirects, method.value)
    for key in ("sends", "accepts"):
        media = members.optional(key)
        if media is not None:
            value |= _media(media, key, method.value)
    empty = members.optional("empty")
    if empty is not None:
        if members.optional("answer") is None:
            raise empty.error(tell("empty-beside-answer"))
        value["empty"] = _statuses(empty)
    return {**value, **told(members)}


def bounds(members: Members) -> dict[str, Any]:
    """How long an operation may take and how much it may answer: {time_out_ms, response_bytes_max}."""
    time_out, bound = members.optional("time_out"), members.optional("response_bytes_max")
    return {
        "time_out_ms": TIME_OUT_MS_DEFAULT
        if time_out is None
        else reaching.milliseconds(time_out, TIME_OUT_SECONDS_MAX),
        "response_bytes_max": RESPONSE_BYTES_DEFAULT if bound is None else read_bytes(bound),
    }


def told(members: Members) -> dict[str, Any]:
    """What an operation of any transport may tell of itself: {title?, answer?, example?}."""
    value: dict[str, Any] = {}
    title, answer, example = members.optional("title"), members.optional("answer"), members.optional("example")
    if title is not None:
        if not isinstance(title.value, str) or not title.value.strip():
            raise title.error(tell("title"))
        value["title"] = title.value
    if answer is not None:
        value["answer"] = read_type(answer)
    if example is not None:
        value["example"] = plain(example)
    return value


def read_authentication(member: Located) -> dict[str, Any]:
    """{scheme}, of an API key {scheme, in, name}, and of a token by client credentials {scheme, token_url, scope?,
    client?}: how the credential is handed over, never what it is."""
    members = Members(member, tell("what-the-authentication"))
    members.known(("scheme", "in", "name", "token_url", "scope", "client"))
    scheme = members.required("scheme")
    if scheme.value not in SCHEMES:
        raise scheme.error(tell("one-of", names=listed(SCHEMES)))
    if scheme.value == "client credentials":
        return _client_credentials(members)
    if scheme.value != "api key":
        members.known(("scheme",))
        return {"scheme": scheme.value}
    members.known(("scheme", "in", "name"))
    place, name = members.required("in"), members.required("name")
    if place.value not in ("header", "query"):
        raise place.error(tell("header-or-query"))
    if not is_key_name(name.value):
        raise name.error(tell("parameter-name"))
    return {"scheme": scheme.value, "in": place.value, "name": name.value}


def _client_credentials(members: Members) -> dict[str, Any]:
    members.known(("scheme", "token_url", "scope", "client"))
    value = {"scheme": "client credentials", "token_url": reaching.address(members.required("token_url"))}
    scope, client = members.optional("scope"), members.optional("client")
    if scope is not None:
        if not isinstance(scope.value, str) or not _SCOPE.match(scope.value):
            raise scope.error(tell("scopes"))
        value["scope"] = scope.value
    if client is not None:
        if client.value not in ("header", "body"):
            raise client.error(tell("header-or-body"))
        if client.value == "body":
            value["client"] = client.value
    return value


def _check_takes(member: Located, value: dict[str, Any]) -> None:
    takes = value["takes"]
    in_path = sorted(name for name, one in takes.items() if one["in"] == "path")
    if in_path != value["arguments"]:
        raise member.error(tell("path-arguments", names=listed(value["arguments"]) or tell("none")))
    has_body = any(one["in"] in ("body", "whole body") for one in takes.values())
    if has_body and value["method"] not in BODY_METHODS:
        raise member.error(tell("no-body", method=as_it_is(value["method"])))


def _redirects(member: Located, method: str) -> dict[str, Any]:
    if type(member.value) is not int or not 0 <= member.value <= REDIRECTS_MAX:
        raise member.error(tell("redirects-counted", most=REDIRECTS_MAX))
    if member.value and method not in ("GET", "HEAD"):
        raise member.error(tell("redirects-of-reading"))
    return {"redirects": member.value} if member.value else {}


def is_json(media: object) -> bool:
    """Whether a media type is one of JSON."""
    return isinstance(media, str) and _JSON.match(media) is not None


def _media(member: Located, key: str, method: str) -> dict[str, Any]:
    if not is_json(member.value):
        raise member.error(tell("media-type"))
    if key == "sends" and method not in BODY_METHODS:
        raise member.error(tell("no-body", method=as_it_is(method)))
    return {} if member.value == JSON else {key: member.value}


def _statuses(member: Located) -> list[int]:
    numbers = [one.value for one in member.value] if isinstance(member.value, tuple) else []
    if not numbers or not all(type(one) is int and one in SUCCESSES for one in numbers):
        raise member.error(tell("statuses"))
    return sorted(set(numbers))


def read_bytes(member: Located) -> int:
    """A size limit as stated."""
    if type(member.value) is not int or not 0 < member.value <= RESPONSE_BYTES_MAX:
        raise member.error(tell("bytes", most=RESPONSE_BYTES_MAX))
    return member.value
