"""One peer engine in a process of its own, run as a script by whichever Python it is installed in.

    PYTHON -P bench/peer_process.py PEER FOLDER       (-P: the folder of this file holds names of standard modules)

The first line it writes says what is measured: `{"peer", "version", "durability"}`, or `{"missing": PACKAGE}`. Then
each line it reads, `{"width": 1, "instances": 20}`, is answered by one, `{"steps": 100, "seconds": 0.2}`, until its
input ends. It imports nothing of Muniment, so the peer's environment needs only the peer.
"""

import json
import os
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from importlib import import_module, metadata
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

STEPS = 5
Instance = Callable[[], object]

_SYNCHRONOUS = ("OFF", "NORMAL", "FULL", "EXTRA")
_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="bench" targetNamespace="urn:bench">
<process id="five" isExecutable="true">
<startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}
</process>
</definitions>
"""


def dbos(folder: Path, is_wal: bool) -> tuple[Instance, str]:
    """A workflow of five steps that do nothing; DBOS writes each result before the next step begins."""
    path = folder / "dbos.sqlite"
    if is_wal:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA journal_mode=WAL")  # it stays with the file
        connection.close()
    DBOS = import_module("dbos").DBOS  # noqa: N806 - the peer's own name
    DBOS(config={"name": "bench", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"})

    @DBOS.step()  # type: ignore[untyped-decorator]
    def step(number: int) -> int:
        return number

    @DBOS.workflow()  # type: ignore[untyped-decorator]
    def five() -> int:
        return sum(step(number) for number in range(STEPS))

    DBOS.launch()
    connection = sqlite3.connect(path)
    [(journal,)] = connection.execute("PRAGMA journal_mode")
    [(synchronous,)] = connection.execute("PRAGMA synchronous")  # the library's default, which DBOS leaves as it is
    connection.close()
    said = "its defaults" if not is_wal else "its defaults, the file switched to WAL by us"
    return five, f"SQLite, journal_mode={journal.upper()}, synchronous={_SYNCHRONOUS[synchronous]}; {said}"


def spiffworkflow(folder: Path) -> tuple[Instance, str]:
    """Five manual tasks; SpiffWorkflow has no store, so the JSON state is saved by us after each of them."""
    parser = import_module("SpiffWorkflow.bpmn.parser").BpmnParser()
    names = [f"task{number}" for number in range(STEPS)]
    places = ["start", *names, "end"]
    flows = "".join(
        f'<sequenceFlow id="flow{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(pairwise(places))
    )
    source = _BPMN.format(tasks="".join(f'<manualTask id="{name}"/>' for name in names), flows=flows)
    parser.add_bpmn_io(BytesIO(source.encode()))
    spec = parser.get_spec("five")
    workflow_of = import_module("SpiffWorkflow.bpmn").BpmnWorkflow
    states = import_module("SpiffWorkflow.util.task").TaskState
    serializer = import_module("SpiffWorkflow.bpmn.serializer").BpmnWorkflowSerializer()
    connection = sqlite3.connect(folder / "spiff.sqlite", isolation_level=None)
    for statement in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("CREATE TABLE state (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID")

    def five() -> None:
        workflow, key = workflow_of(spec), uuid.uuid4().hex
        workflow.do_engine_steps()
        for _ in range(STEPS):
            [task] = workflow.get_tasks(state=states.READY, manual=True)
            task.run()
            workflow.do_engine_steps()
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, serializer.serialize_json(workflow)))
        assert workflow.is_completed()

    return five, "SQLite, journal_mode=WAL, synchronous=FULL; its JSON state saved by us after each step"


PEERS: dict[str, tuple[str, Callable[[Path], tuple[Instance, str]]]] = {
    "dbos": ("dbos", lambda folder: dbos(folder, False)),
    "dbos-wal": ("dbos", lambda folder: dbos(folder, True)),
    "spiffworkflow": ("SpiffWorkflow", spiffworkflow),
}
"""Peer -> its package, and how it is opened in an empty folder."""


def run(five: Instance, width: int, instances: int) -> dict[str, Any]:
    """`instances` one after the other in each of `width` threads."""

    def call(_: int) -> None:
        for _ in range(instances):
            five()

    if width == 1:
        started = time.perf_counter()
        call(0)
        return {"steps": instances * STEPS, "seconds": time.perf_counter() - started}
    with ThreadPoolExecutor(width) as pool:
        started = time.perf_counter()
        list(pool.map(call, range(width)))
        return {"steps": width * instances * STEPS, "seconds": time.perf_counter() - started}


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
        five, durability = open_peer(folder)
        answer({"peer": package, "version": version, "durability": durability})
        for line in sys.stdin:
            asked = json.loads(line)
            answer(run(five, asked["width"], asked["instances"]))
    os._exit(0)  # a peer's threads do not hold the process


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
