"""A service killed at any call of its database as a message starts an instance: sent again, it has started one."""

from itertools import count
from pathlib import Path
from typing import Any

from api.wiring import open_log
from ledger.reading import Reader
from ledger.work import Done, Request
from ledger.writer import Writer
from orchestrator import commands as c
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation, release, service
from tests.crash.processes import Life, SharedClock, build
from tests.forked import forkserver

CALLS_MAX = 40  # far more than one command asks of the database
SENDER = service("loan-portal")
CLAIM = """\
blueprint: claim
title: Claim
purpose: Take claims that are sent.
owner: loan-intake
data:
  number: {type: string, class: internal, required: true}
  what: {type: string, class: confidential}
start: {by: message, message: claim-sent, requires: role loan-intake, key: number}
first: look
steps:
  look: {wait: {message: looked-at, key: = number}, next: done}
  done: {end: over}
"""


def sending(number: int) -> c.Correlate:
    key = f"C-{number}"
    return c.Correlate("claim-sent", key, {"number": key, "what": "a window"}, "lending", message_id=f"e-{number}")


def send(life: Life, number: int, command_id: str) -> None:
    """What a service does with one message, unless it dies of it."""
    writer = Writer(*build(life))
    assert isinstance(writer.run(Request(SENDER, sending(number), command_id)).outcome, Done)
    writer.close()


def test_a_message_whose_service_is_killed_starts_one_instance(organisation: Organisation, tmp_path: Path) -> None:
    clock = SharedClock(tmp_path / "clock")
    life = Life(organisation.settings, clock)
    writer = Writer(*build(life))
    release(writer, organisation, "blueprints/claim.yaml", (CLAIM, "blueprint", None))
    writer.close()
    became = []
    for number in count(1):
        assert number < CALLS_MAX
        process = forkserver().Process(
            target=send, args=(Life(life.settings, clock, number), number, f"first-{number}")
        )
        process.start()
        process.join(120)
        writer = Writer(*build(life))
        again: Any = writer.run(Request(SENDER, sending(number), f"again-{number}")).outcome
        writer.close()
        assert isinstance(again, Done)
        became.append(again.outcome)
        if process.exitcode == 0:
            break
        assert process.exitcode == -9
    assert {*became} == {"started", "repeated"}, "it was killed on one side of the commit only"
    log, database = open_log(life.settings)
    reader = Reader(log, clock, lambda: database.connect(read_only=True))
    with reader.view() as view:
        begun = view.query("SELECT count(*) FROM instance WHERE log_id = {log} AND blueprint = 'claim'", ())
    reader.close()
    with found_whole(life.settings):
        assert begun == [(len(became),)]
