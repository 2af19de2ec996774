"""Another engine with many live instances, in a process of its own, run as a script by the Python it is installed in.

    PYTHON -P bench/peer_live.py PEER FOLDER       (-P: the folder of this file holds names of standard modules)

The first line it writes says what is measured, as `peer_process` does. Then each line it reads is answered by one:

    {"act": "start", "count": 500}      -> {"count", "seconds", "rss_mb", "file_mb"}    all that were started stay live
    {"act": "timers", "count": 1000}    -> {"count", "waits"}           seconds from the instant all were due

It imports nothing of Muniment.
"""

import json
import os
import sqlite3
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module, metadata
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

QUEUE = "live"
SET_A_SECOND = 20  # timers it sets in a second on a busy machine, so that all are set before they are due
TIMER_END = 120.0

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="bench" targetNamespace="urn:bench">
<process id="one" isExecutable="true">
<startEvent id="start"/><manualTask id="prepare"/><endEvent id="end"/>
<sequenceFlow id="a" sourceRef="start" targetRef="prepare"/><sequenceFlow id="b" sourceRef="prepare" targetRef="end"/>
</process>
</definitions>
"""


class Live(NamedTuple):
    """A peer in an empty folder: how one instance is started, its timers where it has any, its file, its words."""

    start: Callable[[], object]
    timers: Callable[[int], list[float]] | None
    file: Path
    durability: str


def dbos(folder: Path) -> Live:
    """Workflows of a queue of which one runs at a time and waits: the others are rows. Timers are its durable sleep."""
    path = folder / "dbos.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")  # it stays with the file
    connection.close()
    DBOS = import_module("dbos").DBOS  # noqa: N806 - the peer's own name
    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"})
    fired: list[float] = []
    is_over = threading.Event()

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def waits(number: str) -> str:
        is_over.wait()
        return number

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def sleeps(due: float) -> None:
        DBOS.sleep(due - time.time())
        fired.append(time.time() - due)

    def timers(count: int) -> list[float]:
        fired.clear()
        due = time.time() + 2 + count / SET_A_SECOND
        for _ in range(count):
            DBOS.start_workflow(sleeps, due)
        if time.time() > due:
            raise AssertionError("expected the timers to be set before they are due")
        end = due + TIMER_END
        while len(fired) < count and time.time() < end:
            time.sleep(0.05)
        return list(fired)

    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=1)

    def start() -> None:
        DBOS.enqueue_workflow(QUEUE, waits, uuid.uuid4().hex)

    return Live(start, timers, path, "SQLite, journal_mode=WAL; its defaults, the file switched to WAL by us")


def spiffworkflow(folder: Path) -> Live:
    """Instances that wait at a manual task. SpiffWorkflow has no store and no runner: its JSON state is saved by us."""
    parser = import_module("SpiffWorkflow.bpmn.parser").BpmnParser()
    parser.add_bpmn_io(BytesIO(_BPMN.encode()))
    spec = parser.get_spec("one")
    workflow_of = import_module("SpiffWorkflow.bpmn").BpmnWorkflow
    serializer = import_module("SpiffWorkflow.bpmn.serializer").BpmnWorkflowSerializer()
    path = folder / "spiff.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("CREATE TABLE state (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID")

    def start() -> None:
        workflow = workflow_of(spec)
        workflow.do_engine_steps()
        row = uuid.uuid4().hex, serializer.serialize_json(workflow)
        connection.execute("INSERT INTO state VALUES (?, ?)", row)

    return Live(start, None, path, "SQLite, journal_mode=WAL, synchronous=FULL; its JSON state saved by us")


PEERS: dict[str, tuple[str, Callable[[Path], Live]]] = {
    "dbos": ("dbos", dbos),
    "spiffworkflow": ("SpiffWorkflow", spiffworkflow),
}
"""Peer -> its package, and how it is opened in an empty folder."""


def answered(live: Live, asked: dict[str, Any]) -> dict[str, Any]:
    """What came of one question."""
    count = asked["count"]
    if asked["act"] == "timers":
        assert live.timers is not None
        return {"count": count, "waits": live.timers(count)}
    begun = time.perf_counter()
    for _ in range(count):
        live.start()
    seconds = time.perf_counter() - begun
    stored = sum(one.stat().st_size for one in live.file.parent.glob(f"{live.file.name}*"))
    return {"count": count, "seconds": seconds, "rss_mb": _resident_mb(), "file_mb": stored / 1e6}


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(peer: str, folder: Path) -> None:
    """Open the peer and answer until the input ends; what the peer prints goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w")

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    package, open_peer = PEERS[peer]
    with redirect_stdout(sys.stderr):
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            answer({"missing": package})
            return
        live = open_peer(folder)
        said = {"peer": package, "version": version, "durability": live.durability, "rss_mb": _resident_mb()}
        answer({**said, "has_timers": live.timers is not None})
        try:
            for line in sys.stdin:
                answer(answered(live, json.loads(line)))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os._exit(0)  # a peer's threads do not hold the process


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
