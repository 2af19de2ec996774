"""Connectors: what they can do, where they lead, and whether they can be called now."""

from typing import Literal

from pydantic import JsonValue

from api.answers.changes import ArtefactListed
from api.answers.values import Answer, Microseconds

BreakerState = Literal["closed", "open", "half-open"]
Via = Literal["http", "e-mail", "files", "sql", "hook", "inbox"]
Direction = Literal["in", "out"]


class BreakerValue(Answer):
    """The breaker of a connector. `open_until` is null while it is closed; of an open one calls wait until then."""

    state: BreakerState
    failures: int
    open_until: Microseconds | None
    failed_at: Microseconds | None
    failed_with: str | None


class ConnectorListed(ArtefactListed):
    """A connector with its way and its breaker. `direction`: calls go `out`, or events come `in` and nothing is called,
    so that no breaker opens."""

    via: Via
    direction: Direction
    breaker: BreakerValue


class ConnectorsAnswer(Answer):
    """A page of connectors by name."""

    items: list[ConnectorListed]
    cursor: str | None


class ConnectorLimits(Answer):
    """How it may be used. `per_minute` is null without bound; a breaker opens at `failures` within `within_ms`."""

    at_once: int
    per_minute: int | None
    failures: int
    within_ms: int
    pause_ms: int


class ConnectorOperation(Answer):
    """One operation. `takes` and `answer` are types, null where the connector does not say."""

    name: str
    title: str
    takes: JsonValue
    answer: JsonValue
    has_example: bool


class ConnectorAnswer(Answer):
    """A connector in force. `credential` is the name of a secret, never the secret; `messages` are what a hook or an
    inbox makes of events, as the service `actor` in `domain`; both are null where calls go out."""

    name: str
    version: int
    digest: str
    title: str
    via: Via
    direction: Direction
    leads_to: str
    actor: str | None
    domain: str | None
    credential: str | None
    limits: ConnectorLimits
    breaker: BreakerValue
    operations: list[ConnectorOperation]
    messages: dict[str, str]
