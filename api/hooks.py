"""Hooks: events of other systems, told apart from forgeries by their signature, as messages of a service.

A connector `via: hook` names the secret, the service that the events stand for, and what each type of event becomes.
The service needs the permission to deliver messages as for any other; the signature only says that it is the service.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from api.feeds.secrets import keys_of
from api.problem_texts import tell
from ledger import webhook
from ledger.actor import Actor, ActorKind
from ledger.canonical import b64url
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.ids import ActorId
from ledger.service import View
from ledger.webhook import Signed
from orchestrator.commands import Correlate
from rbac.service import actor_is_active
from versioning.service import Versions

HOOK_BYTES_MAX = 256 * 1024
JSON = "application/json"
ID_MAX = 200
KEEP_FOR = "P1D"  # an event may come before the instance that will wait for it has got there


class Hook(NamedTuple):
    """A hook in force: for whom its events stand, what they become, and the keys that sign them."""

    name: str
    actor: str
    domain: str
    messages: Mapping[str, Any]
    keys: tuple[bytes, ...]


class Event(NamedTuple):
    """What an event becomes."""

    message: str
    key: Any
    data: Any


def hook_of(view: View, versions: Versions, secrets: Path | None, name: str) -> Hook | None:
    """The hook of this name; None where there is none, its service has left, or its secret is not to be read."""
    version = versions.current(view, "connector", name)
    if version is None or version.value.get("via") != "hook" or secrets is None:
        return None
    value = version.value
    if not actor_is_active(view, value["actor"]):
        return None
    try:
        keys = keys_of(secrets, value["credential"])
    except BrokenInput:
        return None
    return Hook(name, value["actor"], value["domain"], value["messages"], keys)


def is_from(hook: Hook, signed: Signed, body: bytes, now: int) -> bool:
    """Whether one who knows the secret signed this body, at most five minutes ago."""
    return len(signed.id) <= ID_MAX and webhook.verify(hook.keys, signed, body, now // SECOND)


def is_json(content_type: str) -> bool:
    """Whether a body may be taken for what a sender declares it to be: JSON in UTF-8. Who declares nothing may."""
    media_type, _, parameters = content_type.lower().partition(";")
    kind = media_type.strip()
    if kind and kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        return False
    named = dict(one.strip().partition("=")[::2] for one in parameters.split(";"))
    return named.get("charset", "utf-8").strip('"') in ("utf-8", "utf8")


def event_of(hook: Hook, value: Any) -> Event:
    """What an event becomes; `BrokenInput` names the member that is wrong."""
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise BrokenInput(tell("event-type"), "body.type")
    said = hook.messages.get(value["type"])
    if said is None:
        raise BrokenInput(tell("event-type-named"), "body.type")
    data = value.get("data")
    key = data
    for part in said["key"].split("."):
        key = key.get(part) if isinstance(key, dict) else None
    if not isinstance(key, str | int) or isinstance(key, bool):
        raise BrokenInput(tell("key-of-message"), f"body.data.{said['key']}")
    return Event(said["message"], key, data)


def message_of(hook: Hook, value: Any) -> Correlate:
    """The command an event becomes; `BrokenInput` as for `event_of`."""
    event = event_of(hook, value)
    return Correlate(event.message, event.key, event.data, hook.domain, KEEP_FOR)


def actor_of(hook: Hook) -> Actor:
    """The service the events stand for."""
    return Actor(ActorId(hook.actor), ActorKind.SERVICE, method="webhook", sign_in=f"connector:{hook.name}")


def command_id(hook: Hook, signed: Signed) -> str:
    """The same for an event sent again: then it is the same command."""
    return f"hook:{b64url(sha256(f'{hook.name} {signed.id}'.encode()).digest())}"
