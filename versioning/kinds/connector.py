"""The connector as a governed artefact: what a blueprint may call, and where it goes.

    connector: core-banking
    title: Core banking
    base_url: https://core.example.com/api
    credential: core-banking            # name of a secret kept by the service, never the secret
    authentication: {scheme: bearer}    # how it is handed over; without it the credential is not used
    limits: {at_once: 4, per_minute: 60, failures: 5, within: 1 minute, pause: 30 seconds}
    operations:
      book_loan: {method: POST, path: /loans, time_out: 10 seconds}
      read_loan: {method: GET, path: "/loans/{loan}", time_out: 5 seconds, response_bytes_max: 65536}

Every call carries an idempotency key. `{name}` in a path is filled with the argument of that name, percent-encoded;
the other arguments go into the query (GET, HEAD, DELETE) or the JSON body (POST, PUT, PATCH), or where `takes` says
(`versioning.kinds.http_operations`). `via` names another way than HTTP: `e-mail`, `files`, `sql`, and `hook` and
`inbox` for what comes in (`versioning.kinds.other_operations`). Members that are not given are absent from the value,
so that a source of before there were types has the value and the digest it had.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.wording import as_it_is, listed
from ledger.work import UnitOfWork
from rbac.permission import WHOLE
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.entries import CONNECTOR_RELEASED
from versioning.kinds import located, reaching
from versioning.kinds.http_operations import read_authentication, read_operation
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members
from versioning.kinds.other_operations import (
    INCOMING,
    OPERATION_OF,
    VIA,
    read_actor,
    read_domain,
    read_folder,
    read_messages,
    read_sender,
)
from versioning.kinds.reading_texts import tell

OPERATIONS_MAX = 200
LEVELS_MAX = 28  # of the source: answers hold objects in objects
AT_ONCE_MAX = 100
PER_MINUTE_MAX = 100_000
FAILURES_MAX = 1_000
PAUSE_SECONDS_MAX = 24 * 3600

_LIMITS = ("at_once", "per_minute", "failures", "within", "pause")


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """Owner of the kind `connector`."""

    @property
    def kind(self) -> str:
        return "connector"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> Artefact:
        """The connector of the source; `BrokenInput` with `line:column`."""
        value = read_connector(source)
        return Artefact(self.kind, value["name"], value)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[CheckFinding]:  # noqa: ARG002
        """Plain HTTP beyond this machine is a warning."""
        return () if artefact.value == RETIRED else check_connector(artefact.value)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`connector.released`."""
        title = release.name if release.value == RETIRED else release.value["title"]
        return listing_draft(CONNECTOR_RELEASED, release, title)


def read_connector(source: str) -> dict[str, Any]:
    """Canonical value: {name, title, via?, credential?, limits?, operations: {name: {...}}} and, over HTTP, {base_url,
    authentication?}, by e-mail {from}, by file {folder}; of what comes in {actor, domain, messages}, no operations."""
    root = Members(located.read(source, LEVELS_MAX), tell("what-a-connector"))
    via = root.optional("via")
    way = "http" if via is None else via.value
    if way not in VIA:
        raise (via or root.required("via")).error(tell("one-of", names=listed(VIA)))
    own, needed = _MEMBERS[way]
    root.known(("connector", "title", "via", *own, *(() if way in INCOMING else ("limits", "operations"))))
    name = reaching.name(root.required("connector"), tell("what-a-connector-name"))
    title = root.optional("title")
    value: dict[str, Any] = {
        "name": name,
        "title": name if title is None else located.text(title, tell("what-a-title")),
    }
    if way != "http":
        value["via"] = way
    for key in own:
        member = root.required(key) if key in needed else root.optional(key)
        if member is not None:
            value[key] = _READ[key](member)
    if way in INCOMING:
        value.setdefault("domain", WHOLE)
    if "authentication" in value and "credential" not in value:
        raise root.required("authentication").error(tell("credential-beside"))
    value["operations"] = {} if way in INCOMING else _operations(root.required("operations"), way)
    limits = root.optional("limits")
    if limits is not None:
        value["limits"] = read_limits(limits)
    return value


_MEMBERS: Final = {  # of each way: its own members, and those of them that are required
    "http": (("base_url", "credential", "authentication"), ("base_url",)),
    "e-mail": (("from",), ("from",)),
    "files": (("folder",), ("folder",)),
    "sql": (("credential",), ("credential",)),
    "hook": (("credential", "actor", "domain", "messages"), ("credential", "actor", "messages")),
    "inbox": (("folder", "actor", "domain", "messages"), ("folder", "actor", "messages")),
}
_READ: Final[dict[str, Callable[[Located], Any]]] = {
    "base_url": reaching.address,
    "credential": lambda member: reaching.name(member, tell("what-the-name-of-a-credential")),
    "authentication": read_authentication,
    "from": read_sender,
    "folder": read_folder,
    "messages": read_messages,
    "actor": read_actor,
    "domain": read_domain,
}


def check_connector(value: dict[str, Any]) -> tuple[CheckFinding, ...]:
    """Findings on a read connector."""
    token_url = value.get("authentication", {}).get("token_url", "")
    return (
        *(reaching.plain_http("connector.plain-http", value["base_url"], "base_url") if "base_url" in value else ()),
        *(reaching.plain_http("connector.plain-http", token_url, "authentication.token_url") if token_url else ()),
    )


def _operations(member: Located, way: str) -> dict[str, Any]:
    if not isinstance(member.value, dict) or not member.value:
        raise member.error(tell("operations"))
    if len(member.value) > OPERATIONS_MAX:
        raise member.error(tell("operations-counted", most=OPERATIONS_MAX))
    read = OPERATION_OF.get(way, read_operation)
    operations = {}
    for name, operation in member.value.items():
        if not reaching.is_name(name):
            message = tell("operation-name", name=as_it_is(name))
            raise BrokenInput(message, operation.key_place)
        operations[name] = read(operation)
    return operations


def read_limits(member: Located) -> dict[str, int]:
    """How often a system may be called: {at_once?, per_minute?, failures?, within_ms?, pause_ms?}, as given."""
    members = Members(member, tell("what-the-limits"))
    members.known(_LIMITS)
    value = {}
    for key, most in (("at_once", AT_ONCE_MAX), ("per_minute", PER_MINUTE_MAX), ("failures", FAILURES_MAX)):
        one = members.optional(key)
        if one is not None:
            if type(one.value) is not int or not 0 < one.value <= most:
                raise one.error(tell("whole-number", most=most))
            value[key] = one.value
    for key in ("within", "pause"):
        one = members.optional(key)
        if one is not None:
            value[f"{key}_ms"] = reaching.milliseconds(one, PAUSE_SECONDS_MAX)
    return value
