"""One door for all ways out: what a connector's `via` names does the call; in test mode nothing goes out at all."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import orjson

from api.egress import Called, CallFault, Egress, named_hosts
from api.outgoing.arguments import checked, filled, request_digest
from api.outgoing.files import Files
from api.outgoing.mail import Mail
from api.outgoing.queries import Queries
from api.outgoing.requests import request_of
from api.outgoing.values import Misfit
from api.settings import Settings
from ledger.canonical import b64url
from ledger.clock import Clock, SystemClock


class Outside(Protocol):
    """Calls operations of connectors. It raises nothing for what may go wrong outside."""

    def call(
        self, connector: Mapping[str, Any], operation: str, arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """The answer of one operation of a connector (its canonical value), or why there is none."""
        ...

    def close(self) -> None:
        """Close idle connections."""
        ...


class Live:
    """The ways out, in earnest."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._http = Egress(settings.egress_allow, settings.secrets_folder, clock)
        self._mail = Mail(settings.smtp_url, clock)
        self._files = Files(Path(settings.files_dir) if settings.files_dir else None)
        self._queries = Queries(settings.secrets_folder, named_hosts(settings.egress_allow), clock)

    def call(
        self, connector: Mapping[str, Any], operation: str, arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """As `Outside.call`."""
        via = connector.get("via", "http")
        if via == "http":
            return self._http.call(connector, operation, arguments, key)
        spec = connector["operations"].get(operation)
        if spec is None:
            return CallFault("NO_OPERATION", f"the connector has no operation `{operation}`", False)
        if via == "e-mail":
            return self._mail.call(connector, spec, arguments, key)
        if via == "files":
            return self._files.call(connector, spec, arguments, key)
        return self._queries.call(connector, spec, arguments, key)

    def close(self) -> None:
        """Close idle connections."""
        self._http.close()


class Rehearsal:
    """Test mode: arguments are checked as in earnest, and the operation's own example is the answer."""

    def call(
        self,
        connector: Mapping[str, Any],
        operation: str,
        arguments: Mapping[str, Any],
        key: str,
    ) -> Called | CallFault:
        """As `Outside.call`, without anything outside."""
        spec = connector["operations"].get(operation)
        if spec is None:
            return CallFault("NO_OPERATION", f"the connector has no operation `{operation}`", False)
        try:
            if connector.get("via", "http") == "http":
                request = request_of(spec, arguments).digest
            else:
                request = request_digest(spec, checked(spec, arguments))
        except Misfit as misfit:
            return CallFault("ARGUMENT_INVALID", str(misfit), False)
        if "example" in spec:
            return Called(spec["example"], request, b64url(sha256(orjson.dumps(spec["example"])).digest()))
        if "to" in spec:
            return Called({"message_id": f"<{key}>"}, request)
        if "file" in spec:
            return Called({"file": filled(spec["file"], arguments), "bytes": 0}, request)
        if "answer" in spec:
            return CallFault("NO_EXAMPLE", "the operation has no example, which test mode answers", False, request)
        return Called(None, request)

    def close(self) -> None:
        """Nothing is open."""


def outside(settings: Settings, clock: Clock | None = None) -> Outside:
    """What calls are made by: in test mode there is nothing in the process that could reach out."""
    return Rehearsal() if settings.is_rehearsing else Live(settings, clock or SystemClock())
