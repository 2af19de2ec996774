"""`bench scale` at a small size: what it measures is what a service did, and an answer that is lost ends it."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bench import crowd, logs, office, scale
from bench.harness import Board
from bench.served import served


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> office.Office:
    return office.open_office(str(tmp_path_factory.mktemp("scale") / "office"))


def test_pages_and_timers_are_those_of_a_served_log(opened: office.Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "TIMERS", 20)
    monkeypatch.setattr(scale, "PAGES_ROUND", 1)
    board = Board("scale", rounds=1)
    scale._filled(board, opened, 40, "small")
    with served(opened) as service:
        assert service.get("/v1/overview?blueprint=five-steps")["active"] == 40
        scale._pages(board, service, 40, "small")
        scale._timers(board, service, 40)
        timed = service.get("/v1/overview?blueprint=timed")
    assert (timed["started"], timed["completed"]) == (40, 40)  # two rounds of twenty, all fired
    by_id = {result["id"]: result for result in board.results}
    assert set(by_id) == {"scale.start.small", "scale.growth.small", "scale.pages.small", "scale.timers.1000"}
    assert set(by_id["scale.pages.small"]["pages"]) == set(scale.PAGES)
    assert 0 <= by_id["scale.timers.1000"]["median"] < 60


def test_callers_lose_nothing_to_a_kill(opened: office.Office) -> None:
    """On SQLite, as on PostgreSQL: one of two writers is killed while callers are at work."""

    async def killed() -> set[str]:
        made = crowd.Crowd(opened, 2, "smoke")
        try:
            await made.open()
            working = asyncio.create_task(made.work(2.0))
            await asyncio.sleep(0.5)
            await made.kill(0)
            await working
        finally:
            made.close()
        return made.told

    told = asyncio.run(killed())
    counted = crowd._counted(opened)
    assert len(told) > crowd.CALLERS
    assert {counted[key] for key in told} == {1}


def test_an_answer_that_no_entry_holds_ends_the_bench(opened: office.Office, monkeypatch: pytest.MonkeyPatch) -> None:
    class Server:
        def close(self) -> None:
            """Nothing to close."""

    class Somewhere:
        dsn = ""

    async def lied(*_: object) -> tuple[int, list[float], list[float], set[str]]:
        return 1, [1.0], [1.0], {"never-sent"}

    monkeypatch.setattr(logs, "postgresql", lambda: (Somewhere(), Server()))
    monkeypatch.setattr(office, "open_office", lambda *_: opened)
    monkeypatch.setattr(crowd, "_killed", lied)
    monkeypatch.setattr(crowd, "_counted", lambda _: Counter())
    with pytest.raises(AssertionError, match="1 that are not"):
        crowd.run_killed(Board("scale", rounds=1), Path(), True)


def test_a_rate_is_told_window_by_window() -> None:
    steady = [10.0 + number / 10 for number in range(60)]
    assert crowd._rates(steady, 10.0, 16.0) == [10.0] * crowd.WINDOWS
    assert crowd._rates([*steady, 9.9, 16.0], 10.0, 16.0) == [10.0] * crowd.WINDOWS  # before it begins, after it ends
    assert crowd._rates(steady[:30], 10.0, 16.0) == [10.0, 10.0, 10.0, 0.0, 0.0, 0.0]
