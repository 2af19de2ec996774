"""A local agent that anybody can foretell: an OpenAI-compatible endpoint that answers by rules. `start()` and call it.

    POST /v1/chat/completions                 a proposal, or a verdict where the message holds a `proposal`
    POST /modes {mode, times, delay_ms, tool, said}   how the next requests go wrong; `times` 0 is for good
    GET  /asked /healthz

It reads `shown` of the user's message: a report of the credit bureau (`score`, `defaults`) makes a grade from 1 to 9, a
summary, findings and a confidence; members that the schema requires beside these are filled by their type. The modes
are the ways in which models disappoint: `slow`, `wrong` (the best grade, whatever the report says, and sure of it),
`over-confident` (the right grade, always sure of it), `doubtful`, `prose`, `html`, `misfit` (a grade in words), `down`,
`tool` (asks for the tool named), `insisting` (asks for it in every answer, as often as `said` says in `calls`),
`saying` (answers with the members of `said` in the place of its own). The same `Idempotency-Key` gets the same
answer.
"""

import argparse
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BODY_BYTES_MAX = 1024 * 1024
ASKED_MAX = 10_000  # requests that are remembered
DELAY_MS_MAX = 60_000
MODES = (
    "",
    "slow",
    "wrong",
    "over-confident",
    "doubtful",
    "prose",
    "html",
    "misfit",
    "down",
    "tool",
    "insisting",
    "saying",
)
MODEL = "by-rules-1"
GRADE_WORST = 9

_ADDRESS = "127.0.0.1"
_SCORE_LEAST, _SCORE_MOST = 300, 850
_EMPTY: dict[str, Any] = {
    "object": {}, "array": [], "string": "as shown", "integer": 0, "number": 0, "boolean": True, "": "as shown",
}  # fmt: skip

Json = dict[str, Any]


def graded(report: Mapping[str, Any]) -> Json:
    """The proposal on a report: grade 1 (best) to 9, and how sure it is: less, the nearer to the border of a grade."""
    score, defaults = int(report.get("score", 0)), int(report.get("defaults", 0))
    span = (_SCORE_MOST - _SCORE_LEAST) / GRADE_WORST
    exact = (_SCORE_MOST - max(_SCORE_LEAST, min(score, _SCORE_MOST))) / span
    grade = min(GRADE_WORST, int(exact) + 1 + min(defaults, 2))
    from_border = abs(exact - round(exact))
    findings = [f"{defaults} defaults"] if defaults else []
    confidence = round(0.75 + 0.5 * from_border, 2)
    summary = f"Score {score}, {defaults} defaults: grade {grade}."
    return {"grade": min(grade, GRADE_WORST), "summary": summary, "confidence": confidence, "findings": findings}


def report_in(shown: Any) -> Mapping[str, Any] | None:
    """The first object with a score in what is shown."""
    if isinstance(shown, dict):
        if "score" in shown:
            return shown
        for inner in shown.values():
            found = report_in(inner)
            if found is not None:
                return found
    return None


def proposal(told: Mapping[str, Any]) -> Json:
    """The answer to a message: what the report says, and something of its type for every other required member."""
    schema = told.get("answer", {})
    report = report_in(told.get("shown", {}))
    made = {} if report is None else graded(report)
    wanted = schema.get("required", list(made))
    properties = schema.get("properties", {})
    filled = {name: _EMPTY[properties.get(name, {}).get("type", "")] for name in wanted if name not in made}
    return {**{name: value for name, value in made.items() if name in wanted}, **filled}


def verdict(told: Mapping[str, Any]) -> Json:
    """What it makes of a proposal: the grade has to be its own."""
    report, proposed = report_in(told.get("shown", {})), told.get("proposal")
    own = None if report is None else graded(report)["grade"]
    found = proposed.get("grade") if isinstance(proposed, dict) else None
    if own == found:
        return {"accept": True}
    return {"accept": False, "reason": f"expected grade {own}"}


@dataclass(frozen=True, slots=True)
class Way:
    """How one answer goes wrong: the mode, the tool it asks for, the members it holds."""

    mode: str = ""
    tool: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class State:
    """What was asked, and how the next answers go wrong. One lock: requests come side by side."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked: list[Json] = field(default_factory=list)
    kept: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    mode: str = ""
    times: int = 0  # how often more; 0 is for good
    delay_ms: int = 0
    tool: str = ""
    said: Json = field(default_factory=dict)

    def next_mode(self) -> tuple[int, "Way"]:
        """The delay of one request, and how it is answered."""
        with self.lock:
            found = (self.delay_ms, Way(self.mode, self.tool, self.said))
            if self.times:
                self.times -= 1
                if not self.times:
                    self.mode = ""
            return found

    def set(self, mode: str, times: int = 0, delay_ms: int = 0, tool: str = "") -> None:
        """How the next requests go."""
        with self.lock:
            self.mode, self.times, self.delay_ms, self.tool = mode, times, delay_ms, tool

    def say(self, **said: Any) -> None:
        """What the next answers hold, until a mode is set."""
        with self.lock:
            self.mode, self.times, self.delay_ms, self.said = "saying", 0, 0, said

    def note(self, body: Json, key: str) -> None:
        """Remember a request."""
        with self.lock:
            if len(self.asked) < ASKED_MAX:
                self.asked.append({"key": key, "body": body})


def answer_to(body: Json, way: Way) -> tuple[int, str, str]:
    """Status, type of content and content of one answer."""
    mode = way.mode
    if mode == "down":
        return 503, "application/json", '{"error": "down"}'
    if mode == "html":
        return 200, "text/html", "<!doctype html><title>Sign in</title>"
    messages = body.get("messages", [])
    told = _told(messages)
    has_used = any(one.get("role") == "tool" for one in messages)
    if mode == "insisting" or (mode == "tool" and not has_used):
        asked = {"type": "function", "function": {"name": way.tool, "arguments": "{}"}}
        times = int(way.said.get("calls", 1)) if mode == "insisting" else 1
        calls = [{"id": f"call-{number}", **asked} for number in range(1, times + 1)]
        return 200, "application/json", json.dumps(_completion({"role": "assistant", "tool_calls": calls}, body))
    made = verdict(told) if "proposal" in told else _disappointing(proposal(told), mode)
    content = json.dumps({**made, **way.said} if mode == "saying" else made)
    if mode == "prose":
        content = "Of course! Having looked at everything with care, I would say that the risk is moderate."
    return 200, "application/json", json.dumps(_completion({"role": "assistant", "content": content}, body))


def _disappointing(made: Json, mode: str) -> Json:
    ways: dict[str, Json] = {
        "wrong": {"grade": 1, "confidence": 0.99, "findings": []},
        "over-confident": {"confidence": 0.99, "findings": []},
        "doubtful": {"confidence": 0.31},
        "misfit": {"grade": "rather good"},
    }
    changed = ways.get(mode, {})
    return {**made, **{name: value for name, value in changed.items() if name in made}}


def _told(messages: list[Json]) -> Json:
    """The user's message as an object; empty where it is none."""
    said = next((one.get("content") for one in messages if one.get("role") == "user"), "")
    try:
        told = json.loads(said or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _completion(message: Json, body: Json) -> Json:
    count = len(json.dumps(body.get("messages", [])).split())
    usage = {"prompt_tokens": count, "completion_tokens": len(json.dumps(message).split())}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: "_Server"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Silent: what was asked is remembered."""

    def do_GET(self) -> None:
        """Health, and what was asked."""
        if self.path == "/healthz":
            self._send(200, "application/json", '{"status": "ok"}')
        elif self.path == "/asked":
            self._send(200, "application/json", json.dumps(self.server.state.asked))
        else:
            self._send(404, "application/json", '{"title": "not found"}')

    def do_POST(self) -> None:
        """A completion, or how the next ones go wrong."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            self._send(413, "application/json", '{"title": "too large"}')
            return
        try:
            body = json.loads(self.rfile.read(int(length)))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._send(400, "application/json", '{"title": "expected an object"}')
        elif self.path == "/modes":
            self._set_mode(body)
        elif self.path == "/v1/chat/completions":
            self._complete(body)
        else:
            self._send(404, "application/json", '{"title": "not found"}')

    def _complete(self, body: Json) -> None:
        state, key = self.server.state, self.headers.get("Idempotency-Key", "")
        state.note(body, key)
        delay_ms, way = state.next_mode()
        if delay_ms:
            time.sleep(delay_ms / 1000)
        kept = state.kept.get(key)
        answer = kept or answer_to(body, way)
        if key and answer[0] == 200:
            state.kept[key] = answer
        self._send(*answer)

    def _set_mode(self, body: Json) -> None:
        mode, times, delay, tool, said = (body.get(name, other) for name, other in _MODE)
        is_said = mode in MODES and type(times) is int and type(delay) is int and type(tool) is str
        is_said = is_said and isinstance(said, dict)
        if not is_said or times < 0 or not 0 <= delay <= DELAY_MS_MAX:
            self._send(422, "application/json", json.dumps({"title": f"expected a mode of {', '.join(MODES)}"}))
            return
        self.server.state.say(**said)
        self.server.state.set(mode, times, delay, tool)
        self._send(200, "application/json", json.dumps({"mode": mode}))

    def _send(self, status: int, kind: str, content: str) -> None:
        data = content.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the caller has gone: it waited no longer
            self.close_connection = True


_MODE: tuple[tuple[str, Any], ...] = (("mode", ""), ("times", 0), ("delay_ms", 0), ("tool", ""), ("said", {}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], state: State) -> None:
        super().__init__(address, _Handler)
        self.state = state

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that went away is no fault of this service."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started agent. `address` is what a profile calls its endpoint."""

    address: str
    host: str  # as EGRESS_ALLOW names it
    state: State
    _server: _Server
    _thread: threading.Thread

    def messages(self) -> Iterator[str]:
        """The user's message of every request, in order."""
        for one in [*self.state.asked]:
            yield next(said["content"] for said in one["body"]["messages"] if said["role"] == "user")

    def stop(self) -> None:
        """Stop taking requests and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def start(port: int = 0) -> Running:
    """Start on the loopback address; port 0 picks a free one."""
    state = State()
    server = _Server((_ADDRESS, port), state)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    host = f"{_ADDRESS}:{server.server_address[1]}"
    return Running(f"http://{host}/v1", host, state, server, thread)


def main() -> None:
    """Run until interrupted: `python -m examples.services.agents --port 9200`."""
    parser = argparse.ArgumentParser(description="an agent that answers by rules")
    parser.add_argument("--port", type=int, default=9200)
    running = start(parser.parse_args().port)
    print(running.address, flush=True)  # noqa: T201 - the one line a caller reads
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()


if __name__ == "__main__":
    main()
