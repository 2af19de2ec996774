"""Agents behind an endpoint: one try as a conversation in the OpenAI-compatible form `POST /chat/completions`.

The profile in force says everything but the data: address, model, parameters, prompt, tools, limits. What goes out is
a connector's operation like any other, so addresses, credentials, time and size are bounded as for every call. An
agent may ask for a tool; only one its profile names is used, only where it reads, and only so often. What comes back is
JSON or it is no proposal, which is a result of the try and no error.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import orjson

from api.body import parse_json
from api.egress import Called, CallFault
from api.outgoing.calling import Outside
from ledger.canonical import digest
from ledger.clock import Clock
from ledger.errors import BrokenInput
from ledger.work import Rows
from orchestrator.agents import CLASS, EXPECTS, JUDGE, PREFIX, PROPOSAL, STEP
from orchestrator.commands import CallEvidence
from orchestrator.plan import CLASSES
from orchestrator.runner import CallAnswer, CallFailure
from versioning.artefact import ArtefactVersion
from versioning.blueprint import DataClass
from versioning.kinds.agent import only_reads, too_open

ROUNDS_MAX = 5  # requests of one try: the first and one after each round of tools
TOOL_CALLS_MAX = 10  # of one try
SAID_CHARACTERS_MAX = 4_000  # kept of an answer that is prose
MS = 1_000
UNREADABLE = frozenset(("BAD_ANSWER", "TOO_LARGE", "SECRET_IN_ANSWER"))  # it answered, and not with a proposal

JUDGING = (
    'You are given what an agent was shown and what it proposed. Answer one JSON object: {"accept": true} where the '
    'proposal follows from what was shown, else {"accept": false, "reason": "..."}.'
)


class Released(Protocol):
    """Released artefacts in force."""

    def current(self, uow: Rows, kind: str, name: str) -> ArtefactVersion | None: ...


class Rounds:
    """One try: what went, what came, how much time is left."""

    def __init__(
        self, profile: ArtefactVersion, tools: Mapping[str, Any], messages: list[dict[str, Any]], begun: int
    ) -> None:
        self.profile = profile
        self.tools = tools  # the connector of each, None where it may not be used
        self.messages = messages
        self.until = begun + profile.value["time_out_ms"] * MS
        self.requests: list[str] = []
        self.answers: list[str] = []
        self.used: list[str] = []
        self.tokens = [0, 0]
        self.model = profile.value["model"]

    @property
    def evidence(self) -> CallEvidence:
        """Digests of the request and the answer, or of all of them in order."""
        return CallEvidence(self.profile.digest, _one(self.requests), _one(self.answers))

    def answer(self, output: Any, fault: str = "") -> CallAnswer:
        """What the try brought."""
        value = {
            "output": output,
            "fault": fault,
            "model": self.model,
            "prompt": self.profile.value["prompt_digest"],
            "tokens_in": self.tokens[0],
            "tokens_out": self.tokens[1],
            "tools": self.used,
        }
        return CallAnswer(value, self.evidence)


class AgentCalls:
    """Calls agents as the runner calls connectors."""

    def __init__(self, released: Released, outside: Outside, clock: Clock) -> None:
        self._released = released
        self._outside = outside
        self._clock = clock

    def prepared(self, view: Rows, operation: str, arguments: Mapping[str, Any]) -> Rounds | CallFailure:
        """A try made ready, by the profile and the connectors in force; or why the agent may not be asked."""
        name, _, act = operation.removeprefix(PREFIX).partition(".")
        profile = self._released.current(view, "agent", name)
        if profile is None or "endpoint" not in profile.value:
            return CallFailure("NO_SUCH_AGENT", retryable=False)
        shown_class = arguments.get(CLASS, "special")
        if CLASSES.index(profile.value["sees"]) < CLASSES.index(shown_class):
            return CallFailure("AGENT_MAY_NOT_SEE", retryable=False)
        tools = {tool: self._tool(view, tool, shown_class) for tool in profile.value["tools"]}
        messages = messages_of(profile.value, arguments, judging=act == JUDGE)
        return Rounds(profile, tools, messages, self._clock.monotonic())

    def _tool(self, view: Rows, tool: str, shown_class: DataClass) -> Mapping[str, Any] | None:
        """The connector of a tool, while the tool only reads and may be given whatever the agent is shown."""
        version = self._released.current(view, "connector", tool.partition(".")[0])
        spec = None if version is None else version.value["operations"].get(tool.partition(".")[2])
        if version is None or spec is None or not only_reads(spec) or too_open(spec, shown_class):
            return None
        value: Mapping[str, Any] = version.value
        return value

    def converse(self, rounds: Rounds, key: str) -> CallAnswer | CallFailure:
        """A proposal, or a verdict on one; why there is none."""
        for _ in range(ROUNDS_MAX):
            message = self._ask(rounds, f"{key}.{len(rounds.requests) + 1}")
            if not isinstance(message, dict):
                return message
            asked = message.get("tool_calls")
            if not asked:
                return _proposal(rounds, message.get("content"))
            if type(asked) is not list or len(rounds.used) + len(asked) > TOOL_CALLS_MAX:
                return rounds.answer(None, "TOO_MANY_TOOLS")
            rounds.messages.append({"role": "assistant", "content": message.get("content"), "tool_calls": asked})
            for one in asked:
                used = self._use(rounds, one, key)
                if isinstance(used, str):
                    return rounds.answer(None, used)
                rounds.messages.append(used)
        return rounds.answer(None, "TOO_MANY_TOOLS")

    def _ask(self, rounds: Rounds, key: str) -> dict[str, Any] | CallAnswer | CallFailure:
        """The message of one request, or what ends the try."""
        left = (rounds.until - self._clock.monotonic()) // MS
        if left <= 0:
            return CallFailure("TIME_OUT", evidence=rounds.evidence)
        value = rounds.profile.value
        body = body_of(value, rounds.messages, rounds.tools)
        found = self._outside.call(_connector(value, left), "chat", {"body": body}, key)
        rounds.requests.append(found.request)
        rounds.answers.append(found.answer)
        if isinstance(found, CallFault):
            if found.code in UNREADABLE:
                return rounds.answer(None, found.code)
            return CallFailure(found.code, found.can_retry, rounds.evidence)
        return _message(rounds, found)

    def _use(self, rounds: Rounds, asked: Any, key: str) -> dict[str, Any] | str:
        """The answer of a tool as a message; a word for why it was not used."""
        function = asked.get("function") if type(asked) is dict else None
        if type(function) is not dict:
            return "TOOL_UNREADABLE"
        said = function.get("name")
        tool = next((one for one in rounds.tools if wire_name(one) == said), None)
        connector = None if tool is None else rounds.tools[tool]
        if tool is None or connector is None:
            return "TOOL_NOT_ALLOWED"
        try:
            arguments = parse_json(str(function.get("arguments") or "{}").encode())
        except BrokenInput:
            return "TOOL_UNREADABLE"
        if type(arguments) is not dict:
            return "TOOL_UNREADABLE"
        rounds.used.append(tool)
        number = len(rounds.used)
        found = self._outside.call(connector, tool.partition(".")[2], arguments, f"{key}.tool.{number}")
        content: Any = {"error": found.code} if isinstance(found, CallFault) else found.value
        told = orjson.dumps(content).decode()
        return {"role": "tool", "tool_call_id": str(asked.get("id", ""))[:200], "content": told}


def messages_of(profile: Mapping[str, Any], arguments: Mapping[str, Any], *, judging: bool) -> list[dict[str, Any]]:
    """The first messages: the prompt, and what is shown, with what is expected."""
    shown = {name: value for name, value in arguments.items() if name not in (EXPECTS, CLASS, PROPOSAL, STEP)}
    told: dict[str, Any] = {"step": arguments.get(STEP, ""), "shown": shown}
    prompt = profile["prompt"]
    if judging:
        told["proposal"] = arguments.get(PROPOSAL)
        prompt = f"{prompt}\n{JUDGING}"
    else:
        told["answer"] = arguments.get(EXPECTS, {})
    return [{"role": "system", "content": prompt}, {"role": "user", "content": orjson.dumps(told).decode()}]


def body_of(profile: Mapping[str, Any], messages: list[dict[str, Any]], tools: Mapping[str, Any]) -> dict[str, Any]:
    """One request. Members in the order in which people read them; its digest does not depend on it."""
    parameters = {name: _number(value) for name, value in profile["parameters"].items()}
    body: dict[str, Any] = {"model": profile["model"], "messages": [*messages], **parameters}
    offered = [_offered(tool, connector) for tool, connector in tools.items() if connector is not None]
    return {**body, "tools": offered} if offered else body


def wire_name(tool: str) -> str:
    """A tool's name as the other side may have it: letters, digits, `_` and `-` alone."""
    return tool.replace(".", "__")


def _offered(tool: str, connector: Mapping[str, Any]) -> dict[str, Any]:
    spec = connector["operations"][tool.partition(".")[2]]
    takes = spec.get("takes", {name: {"type": "string", "required": True} for name in spec.get("arguments", ())})
    properties = {name: {"type": _WIRE_TYPES.get(one["type"], "string")} for name, one in takes.items()}
    required = [name for name, one in takes.items() if one.get("required")]
    parameters = {"type": "object", "properties": properties, "required": required}
    function = {"name": wire_name(tool), "description": spec.get("title", tool), "parameters": parameters}
    return {"type": "function", "function": function}


_WIRE_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean", "object": "object", "list": "array"}


def _number(value: Any) -> Any:
    """A decimal of a profile, which is text there, as a number of JSON."""
    if type(value) is not str or not value.replace(".", "", 1).removeprefix("-").isdigit():
        return value
    return {"$decimal": value}


def _connector(profile: Mapping[str, Any], left: int) -> dict[str, Any]:
    """The endpoint as a connector with one operation, which may take what is left of the time."""
    operation = {
        "method": "POST",
        "path": "/chat/completions",
        "takes": {"body": {"in": "whole body", "type": "any", "required": True}},
        "arguments": [],
        "time_out_ms": left,
        "response_bytes_max": profile["response_bytes_max"],
    }
    return {**profile, "base_url": profile["endpoint"], "operations": {"chat": operation}}


def _message(rounds: Rounds, found: Called) -> dict[str, Any] | CallAnswer:
    value = found.value
    if type(value) is not dict:
        return rounds.answer(None, "NO_ANSWER")
    if type(value.get("model")) is str:
        rounds.model = value["model"][:200]
    usage = value.get("usage")
    if type(usage) is dict:
        for place, name in enumerate(("prompt_tokens", "completion_tokens")):
            count = usage.get(name)
            rounds.tokens[place] += count if type(count) is int and count > 0 else 0
    choices = value.get("choices")
    first = choices[0] if type(choices) is list and choices else None
    message = first.get("message") if type(first) is dict else None
    return message if type(message) is dict else rounds.answer(None, "NO_ANSWER")


def _proposal(rounds: Rounds, content: Any) -> CallAnswer:
    """The content as JSON; anything else is prose, of which the beginning is kept for the reviewer."""
    if type(content) is not str:
        return rounds.answer(None, "NO_ANSWER")
    try:
        return rounds.answer(parse_json(content.encode("utf-8", "replace")))
    except BrokenInput:
        kept = content[:SAID_CHARACTERS_MAX].encode("utf-8", "replace").decode()
        return rounds.answer({"text": kept}, "PROSE")


def _one(digests: list[str]) -> str:
    found = [one for one in digests if one]
    return found[0] if len(found) == 1 else digest(found) if found else ""
