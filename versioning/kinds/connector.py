"""The connector as a governed artefact: what a blueprint may call, and where it goes.

    connector: core-banking
    title: Core banking
    base_url: https://core.example.com/api
    credential: core-banking            # name of a secret kept by the service, never the secret
    operations:
      book_loan: {method: POST, path: /loans, time_out: 10 seconds}
      read_loan: {method: GET, path: "/loans/{loan}", time_out: 5 seconds, response_bytes_max: 65536}

Every call carries an idempotency key. `{name}` in a path is filled with the argument of that name, percent-encoded;
the other arguments go into the query (GET, HEAD, DELETE) or the JSON body (POST, PUT, PATCH).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.work import UnitOfWork
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.entries import CONNECTOR_RELEASED
from versioning.kinds import located, reaching
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
TIME_OUT_SECONDS_MAX = 120  # longer work belongs in a job, which is leased and can be taken over
TIME_OUT_MS_DEFAULT = 10_000
RESPONSE_BYTES_MAX = 1024 * 1024
RESPONSE_BYTES_DEFAULT = 64 * 1024  # larger than any answer a step should put into its data
OPERATIONS_MAX = 200

_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@%-]|\{[a-z][a-z0-9_]*\})*)+\Z")
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


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
    """Canonical value: {name, title, base_url, credential?, operations: {name: {method, path, time_out_ms,
    response_bytes_max, arguments}}} with `arguments` the names the path needs, sorted."""
    root = Members(located.read(source), "a connector")
    root.known(("connector", "title", "base_url", "credential", "operations"))
    name = reaching.name(root.required("connector"), "a connector name")
    title = root.optional("title")
    credential = root.optional("credential")
    value: dict[str, Any] = {
        "name": name,
        "title": name if title is None else located.text(title, "a title"),
        "base_url": reaching.address(root.required("base_url")),
        "operations": _operations(root.required("operations")),
    }
    if credential is not None:
        value["credential"] = reaching.name(credential, "the name of a credential")
    return value


def check_connector(value: dict[str, Any]) -> tuple[CheckFinding, ...]:
    """Findings on a read connector."""
    return reaching.plain_http("connector.plain-http", value["base_url"], "base_url")


def _operations(member: Located) -> dict[str, Any]:
    if not isinstance(member.value, dict) or not member.value:
        raise member.error("expected operations as a mapping with at least one")
    if len(member.value) > OPERATIONS_MAX:
        raise member.error(f"expected at most {OPERATIONS_MAX} operations")
    operations = {}
    for name, operation in member.value.items():
        if not reaching.is_name(name):
            message = f"expected an operation name such as `book_loan`, found `{name}`"
            raise BrokenInput(message, operation.key_place)
        operations[name] = _operation(operation)
    return operations


def _operation(member: Located) -> dict[str, Any]:
    members = Members(member, "an operation")
    members.known(("method", "path", "time_out", "response_bytes_max"))
    method = members.required("method")
    if method.value not in METHODS:
        raise method.error(f"expected one of {', '.join(METHODS)}")
    path = members.required("path")
    if not isinstance(path.value, str) or not _PATH.match(path.value) or "/../" in f"{path.value}/":
        raise path.error("expected a path such as `/loans/{loan}`, without query or fragment")
    time_out = members.optional("time_out")
    bound = members.optional("response_bytes_max")
    return {
        "method": method.value,
        "path": path.value,
        "arguments": sorted(set(_PLACEHOLDER.findall(path.value))),
        "time_out_ms": TIME_OUT_MS_DEFAULT
        if time_out is None
        else reaching.milliseconds(time_out, TIME_OUT_SECONDS_MAX),
        "response_bytes_max": RESPONSE_BYTES_DEFAULT if bound is None else _bytes(bound),
    }


def _bytes(member: Located) -> int:
    if type(member.value) is not int or not 0 < member.value <= RESPONSE_BYTES_MAX:
        raise member.error(f"expected a number of bytes up to {RESPONSE_BYTES_MAX}")
    return member.value
