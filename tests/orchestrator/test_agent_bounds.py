"""Where an agent that would go on is stopped: tools, requests and time of one try, and the lot at its border."""

import pytest

from api.outgoing.agents import ROUNDS_MAX, TOOL_CALLS_MAX
from examples.services import agents as server
from orchestrator.released_agents import AgentsOf
from orchestrator.runner import CallFailure
from tests.orchestrator.agency import BUREAU, CONDITION, Agency
from tests.orchestrator.house import BOB
from tests.orchestrator.memory import MemoryUow

TOOL = "bureau.read_report"


def insisting(running: server.Running, calls: int) -> Agency:
    """An agent that asks for its tool in every answer, so often at once."""
    office = Agency(running)
    office.house.put_in_force("connector", BUREAU.replace("ENDPOINT", running.address))
    office.profile(("sees", f"tools: [{TOOL}]\nsees"), ("time_out: 2 seconds", "time_out: 60 seconds"))
    running.state.set("insisting", tool="bureau__read_report")
    running.state.said = {"calls": calls}
    return office


@pytest.mark.parametrize(
    ("calls", "requests", "used"),
    [
        (1, 5, 5),  # the last answer is a request for a tool as well
        (5, 3, 10),
        (10, 2, 10),  # all ten may be used, and no more
        (11, 1, 0),  # none of a request that goes beyond
    ],
)
def test_who_keeps_asking_for_a_tool_is_stopped(running: server.Running, calls: int, requests: int, used: int) -> None:
    assert (ROUNDS_MAX, TOOL_CALLS_MAX) == (5, 10)
    office = insisting(running, calls)
    office.begin()
    assert office.gated() == ("output", "TOO_MANY_TOOLS")
    (made,) = office.transitions("proposal.made")
    assert len(running.state.asked) == requests
    assert made.get("tools", []) == [TOOL] * used
    office.check()


def test_no_request_goes_out_when_the_time_of_the_try_is_over(
    running: server.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = insisting(running, 1)
    calls = office.calls.calls
    rounds = calls.prepared(MemoryUow(office.log, BOB), "agent/summariser.propose", {"Class": "internal"})
    assert not isinstance(rounds, CallFailure)
    monkeypatch.setattr(calls._clock, "monotonic", lambda: rounds.until, raising=False)
    found = calls.converse(rounds, "key")
    assert isinstance(found, CallFailure)
    assert found.code == "TIME_OUT"
    assert (running.state.asked, rounds.requests, found.evidence.request) == ([], [], "")


@pytest.mark.parametrize(("roll", "gate"), [(2_999, "sample"), (3_000, ""), (0, "sample"), (9_999, "")])
def test_the_lot_draws_exactly_the_share_that_is_said(
    running: server.Running, monkeypatch: pytest.MonkeyPatch, roll: int, gate: str
) -> None:
    """Of ten thousand lots, 0 to 2,999 are 30 %."""
    monkeypatch.setattr(AgentsOf, "roll", lambda *_: roll)
    office = Agency(running, f"{CONDITION}\nsample: 30%")
    office.begin()
    assert office.gated() == (gate, "")
    assert office.transitions("proposal.gated")[-1]["roll"] == roll
