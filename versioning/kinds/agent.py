"""The profile of an agent as a governed artefact: what proposes, with which prompt, and what it may see and use.

    agent: risk-summariser
    title: Risk summariser
    endpoint: https://models.example.com/v1      # OpenAI-compatible; or `worker: summarise-risk`, a type of job
    credential: model-gateway                    # name of a secret kept by the service, never the secret
    authentication: {scheme: bearer}
    model: small-1
    version: "2026-03"
    parameters: {temperature: 0, seed: 7}
    prompt: |
      Summarise the report of the credit bureau for a credit officer.
    tools: [credit-bureau.read_report]           # operations of connectors it may use; they must only read
    sees: confidential                           # the strictest class of data it may be shown
    serves:
      - {task: summarise-risk, when: = amount < 250000, order: 1}
    time_out: 20 seconds
    response_bytes_max: 65536
    limits: {at_once: 4}
    calibration: DIGEST                          # or the evidence its threshold rests on (`muniment agent calibrate`)

A step names an agent, or a task. Of the agents that serve a task those are asked whose condition holds, by `order` and
name; the next where one fails for good. Parameters go into the request as they stand, decimals as numbers.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from governance.rules.parse import parse
from ledger.canonical import b64url
from ledger.entry import EntryDraft
from ledger.errors import BrokenInput
from ledger.wording import Wording, as_it_is, as_told, listed
from ledger.work import UnitOfWork
from versioning import store
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.blueprint import DataClass
from versioning.entries import AGENT_RELEASED
from versioning.finding_texts import say
from versioning.kinds import located, reaching
from versioning.kinds.calibrated import read_calibration
from versioning.kinds.connector import read_limits
from versioning.kinds.http_operations import RESPONSE_BYTES_DEFAULT, read_authentication, read_bytes
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members, plain
from versioning.kinds.reading_texts import tell
from versioning.shapes import NAME, NAME_CHARACTERS_MAX

TIME_OUT_SECONDS_MAX = 60  # of all requests of one try together, so that its lease holds
TIME_OUT_MS_DEFAULT = 30_000
PROMPT_CHARACTERS_MAX = 20_000
LINE_CHARACTERS_MAX = 200  # of a title, a model, a version
TOOLS_MAX = 20
SERVES_MAX = 50
ORDER_MAX = 1_000
PARAMETERS_MAX = 50
RESERVED: Final = frozenset(("messages", "model", "n", "stream", "tools", "tool_choice", "functions"))  # ours to say

_NAME = re.compile(rf"(?:{NAME})\Z")
_OPERATION = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\.[a-z][a-z0-9_]*\Z")
_KEYS = (
    "agent", "title", "endpoint", "worker", "credential", "authentication", "model", "version", "parameters", "prompt",
    "tools", "sees", "serves", "time_out", "response_bytes_max", "limits", "calibration",
)  # fmt: skip
_BY_STRICTNESS: Final[tuple[DataClass, ...]] = get_args(DataClass)
_OF_AN_ENDPOINT = ("credential", "authentication", "tools", "time_out", "response_bytes_max", "limits", "parameters")


@dataclass(frozen=True, slots=True)
class AgentKind:
    """Owner of the kind `agent`."""

    @property
    def kind(self) -> str:
        return "agent"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> Artefact:
        """The profile of the source; `BrokenInput` with `line:column`."""
        value = read_agent(source)
        return Artefact(self.kind, value["name"], value)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[CheckFinding]:
        """Its tools exist and only read; plain HTTP beyond this machine is a warning."""
        value = artefact.value
        if value == RETIRED:
            return ()
        found = list(
            reaching.plain_http("agent.plain-http", value["endpoint"], "endpoint") if "endpoint" in value else ()
        )
        for tool in value["tools"]:
            spec = _operation(uow, tool)
            if spec is None:
                found.append(CheckFinding("agent.tool", "error", say("no-such-tool", tool=tool), "tools"))
            elif not only_reads(spec):
                message = say("tool-has-effects", tool=tool)
                found.append(CheckFinding("agent.tool", "error", message, "tools"))
            elif argument := too_open(spec, value["sees"]):
                given = {"tool": tool, "argument": argument, "at_most": spec["takes"][argument]["class"]}
                message = say("tool-takes-less", **given, sees=value["sees"])
                found.append(CheckFinding("agent.tool", "warning", message, "tools"))
        return tuple(found)

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`agent.released`."""
        title = release.name if release.value == RETIRED else release.value["title"]
        return listing_draft(AGENT_RELEASED, release, title)


def _operation(uow: UnitOfWork, tool: str) -> dict[str, Any] | None:
    """The operation in force that a tool names."""
    connector, _, operation = tool.partition(".")
    number, retired = store.current_number(uow, "connector", connector)
    row = None if retired or not number else store.version_row(uow, "connector", connector, number)
    value = None if row is None else store.artefact_version(uow, row).value
    spec: dict[str, Any] | None = None if value is None else value["operations"].get(operation)
    return spec


def only_reads(spec: dict[str, Any]) -> bool:
    """Whether an operation (its canonical value) has no effect on the other side."""
    return spec.get("method") in ("GET", "HEAD") or "statement" in spec


def too_open(spec: dict[str, Any], seen: DataClass) -> str:
    """The first argument of an operation (its canonical value) that may not be given data of a class that an agent is
    shown: what it knows it may say. Empty where there is none."""
    for name, made in spec.get("takes", {}).items():
        if "class" in made and _BY_STRICTNESS.index(made["class"]) < _BY_STRICTNESS.index(seen):
            return str(name)
    return ""


def read_agent(source: str) -> dict[str, Any]:
    """Canonical value: {name, title, model, version, prompt, prompt_digest, tools, sees, serves: [{task, order,
    when?}], calibration?, evidence?} and {endpoint, parameters, time_out_ms, response_bytes_max, credential?,
    authentication?, limits?} or {worker}."""
    root = Members(located.read(source), tell("what-an-agent"))
    root.known(_KEYS)
    endpoint, worker = root.optional("endpoint"), root.optional("worker")
    if (endpoint is None) == (worker is None):
        raise root.required("agent").error(tell("endpoint-or-worker"))
    prompt = _text(root.required("prompt"), tell("what-a-prompt"), PROMPT_CHARACTERS_MAX)
    title = root.optional("title")
    name = _name(root.required("agent"), tell("what-an-agent"))
    value: dict[str, Any] = {
        "name": name,
        "title": name if title is None else _line(title, tell("what-a-title")),
        "model": _line(root.required("model"), tell("what-a-model")),
        "version": _line(root.required("version"), tell("what-a-version")),
        "prompt": prompt,
        "prompt_digest": b64url(hashlib.sha256(prompt.encode()).digest()),
        "tools": _each(root, "tools", _tool, TOOLS_MAX),
        "sees": _sees(root.required("sees")),
        "serves": _each(root, "serves", _served, SERVES_MAX),
    }
    if worker is not None:
        root.known([key for key in _KEYS if key not in _OF_AN_ENDPOINT])
        value["worker"] = _name(worker, tell("what-a-type-of-job"))
    else:
        assert endpoint is not None
        value |= _endpoint(root, endpoint)
    calibration = root.optional("calibration")
    return value if calibration is None else {**value, **read_calibration(calibration, value)}


def _endpoint(root: Members, endpoint: Located) -> dict[str, Any]:
    credential, authentication = root.optional("credential"), root.optional("authentication")
    time_out, size = root.optional("time_out"), root.optional("response_bytes_max")
    value: dict[str, Any] = {
        "endpoint": reaching.address(endpoint),
        "parameters": _parameters(root.optional("parameters")),
        "time_out_ms": TIME_OUT_MS_DEFAULT
        if time_out is None
        else reaching.milliseconds(time_out, TIME_OUT_SECONDS_MAX),
        "response_bytes_max": RESPONSE_BYTES_DEFAULT if size is None else read_bytes(size),
    }
    if credential is not None:
        value["credential"] = reaching.name(credential, tell("what-the-name-of-a-credential"))
    if authentication is not None:
        if credential is None:
            raise authentication.error(tell("credential-beside"))
        value["authentication"] = read_authentication(authentication)
        if value["authentication"]["scheme"] == "webhook":
            raise authentication.error(tell("other-scheme"))
    limits = root.optional("limits")
    if limits is not None:
        value["limits"] = read_limits(limits)
    return value


def _parameters(member: Located | None) -> dict[str, Any]:
    if member is None:
        return {}
    if not isinstance(member.value, dict) or len(member.value) > PARAMETERS_MAX:
        raise member.error(tell("parameters", most=PARAMETERS_MAX))
    for name, said in member.value.items():
        if name in RESERVED:
            raise BrokenInput(tell("parameter-of-service", name=as_it_is(name)), said.key_place)
    value: dict[str, Any] = plain(member)
    return value


def _each(root: Members, key: str, read: Callable[[Located], Any], most: int) -> list[Any]:
    member = root.optional(key)
    if member is None:
        return []
    if not isinstance(member.value, tuple) or len(member.value) > most:
        raise member.error(tell("list-of", most=most))
    return [read(item) for item in member.value]


def _tool(member: Located) -> str:
    if not isinstance(member.value, str) or not _OPERATION.match(member.value):
        raise member.error(tell("connector-operation"))
    return member.value


def _served(member: Located) -> dict[str, Any]:
    members = Members(member, tell("what-what-it-serves"))
    members.known(("task", "when", "order"))
    order, when = members.optional("order"), members.optional("when")
    value: dict[str, Any] = {"task": _name(members.required("task"), tell("what-a-type-of-task")), "order": 1}
    if order is not None:
        if type(order.value) is not int or not 0 < order.value <= ORDER_MAX:
            raise order.error(tell("whole-number", most=ORDER_MAX))
        value["order"] = order.value
    if when is not None:
        source = when.value[1:].strip() if isinstance(when.value, str) and when.value.startswith("=") else ""
        if not source:
            raise when.error(tell("condition"))
        try:
            parse(source)
        except BrokenInput as error:
            raise when.error(tell("condition-unread", fault=as_told(error.message))) from error
        value["when"] = source
    return value


def _sees(member: Located) -> str:
    if member.value not in get_args(DataClass):
        raise member.error(tell("one-of", names=listed(get_args(DataClass))))
    return str(member.value)


def _name(member: Located, what: Wording) -> str:
    if not isinstance(member.value, str) or not _NAME.match(member.value) or len(member.value) > NAME_CHARACTERS_MAX:
        raise member.error(tell("name-of", what=what))
    return member.value


def _line(member: Located, what: Wording) -> str:
    text = str(member.value) if type(member.value) is int else located.text(member, what)
    if len(text) > LINE_CHARACTERS_MAX or not text.isprintable():
        raise member.error(tell("on-line-printable", what=what, most=LINE_CHARACTERS_MAX))
    return text


def _text(member: Located, what: Wording, most: int) -> str:
    text = located.text(member, what)
    if len(text) > most:
        raise member.error(tell("of-length", what=what, most=most))
    return text
