"""Authority that ends while its holder has a decision open, and a service that is killed meanwhile.

Nothing may come on record with authority that was not in force at that instant; what was proposed and can no longer be
confirmed ends on record. The log itself is asked: by a plain scan of its entries, and by verification, which judges
every permit and every decision again.
"""

import time
from collections.abc import Callable
from random import Random
from threading import Event, Thread
from typing import Any

import httpx2
import pytest

from api.settings import Settings
from api.verifying import subject_of
from api.wiring import open_log
from ledger.clock import SECOND
from ledger.entry import Entry
from ledger.verification import Manner, verify_database
from ledger.verify.report import Status
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation
from tests.crash.spending import (
    ABSENT,
    DECIDE,
    DEMOTED,
    HOLD_FOR,
    OVER,
    PROPOSES,
    REVOKED,
    SECOND_PERSON,
    STANDING_IN,
    Spending,
)
from tests.crash.test_serving import Served
from tests.crash.waiting import PATIENCE, answered, until
from tests.crash.working import Works

WORD = "correct horse battery"
LOST = {  # what each is told once they have lost what they needed
    REVOKED: {"REVOKED"},
    OVER: {"EXPIRED"},
    DEMOTED: {"NO_RULE"},
    STANDING_IN: {"CLAIMED_BY_OTHER"},
    SECOND_PERSON: {"NO_RULE", "PROPOSAL_STALE", "WRONG_STATE"},  # a slow machine lets a proposal's time run out
}
Told = tuple[str, int, dict[str, Any]]  # command id, status, answer


class Person(Thread):
    """Does one piece of work after the other, each request until it is answered, and keeps what they are told."""

    def __init__(self, served: Served, name: str, work: "list[Callable[[Person], None]]", random: Random) -> None:
        super().__init__(daemon=True)
        self._client = httpx2.Client(base_url=served.address, timeout=30)
        self._name, self._work, self._random = name, work, random
        self._count = 0
        self.told: list[Told] = []
        self.rests = 0.1  # seconds, at most
        self.begun = Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            sign_in = {"account": self._name, "password": WORD}
            token = answered(lambda: self._client.post("/v1/sign-in", json=sign_in)).json()["token"]
            self._client.headers["Authorization"] = f"Bearer {token}"
            for one in self._work:
                one(self)
                self.begun.set()
                time.sleep(self._random.random() * self.rests)
        except BaseException as error:
            self.error = error
        finally:
            self._client.close()

    def ask(self, path: str, body: Any) -> Told:
        self._count += 1
        key = f"{self._name}-{self._count}"
        headers = {"Idempotency-Key": key}
        answer = answered(lambda: self._client.post(path, json=body, headers=headers))
        self.told.append((key, answer.status_code, answer.json()))
        return self.told[-1]


def deciding(task: str) -> Callable[[Person], None]:
    """Claim, ask for the statement, sign it: what was in force at the first may be over at the last."""

    def decide(person: Person) -> None:
        at, said = f"/v1/tasks/{task}", {"outcome": "approve", "reason": "within budget"}
        person.ask(f"{at}/claim", {})
        _, status, stated = person.ask(f"{at}/statement", said)
        if status == 200:
            shown = stated["statement"]["shown_digest"]
            signed = {**said, "statement_nonce": stated["nonce"], "shown_digest": shown, "password": WORD}
            person.ask(f"{at}/completion", signed)

    return decide


def claiming(task: str) -> Callable[[Person], None]:
    return lambda person: person.ask(f"/v1/tasks/{task}/claim", {}) and None


def confirming(task: str, proposals: dict[str, dict[str, Any]]) -> Callable[[Person], None]:
    def confirm(person: Person) -> None:
        found = proposals[task]
        at = f"/v1/process-instances/{task.partition('.')[0]}/proposals/{found['proposal']}/confirmation"
        person.ask(at, {"digest": found["digest"]})

    return confirm


def proposing(task: str, proposals: dict[str, dict[str, Any]]) -> Callable[[Person], None]:
    def propose(person: Person) -> None:
        at = f"/v1/process-instances/{task.partition('.')[0]}/correction"
        _, status, told = person.ask(at, {"values": {"memo": "seen"}, "reason": "misread"})
        assert status == 200, told
        proposals[task] = told

    return propose


def lose_and_kill(organisation: Organisation, seed: int, tasks: int, kills: int) -> None:
    random, spending = Random(seed), Spending(organisation)
    served, works = Served(spending.settings), Works(spending.settings, 1)
    own = {part: spending.start(tasks) for part in (*DECIDE, STANDING_IN, SECOND_PERSON)}
    proposals: dict[str, dict[str, Any]] = {}
    served.start()
    works.start()
    served.wait()

    def person(part: str, work: list[Callable[[Person], None]]) -> Person:
        return Person(served, spending.named(part), work, Random(random.random()))

    try:
        # Before: who is absent holds what the one who stands in will take, and all corrections are proposed.
        before = [
            person(ABSENT, [claiming(one) for one in own[STANDING_IN]]),
            person(PROPOSES, [proposing(one, proposals) for one in own[SECOND_PERSON]]),
        ]
        all_of(before)
        spending.begin_periods()
        people = [person(part, [deciding(one) for one in own[part]]) for part in DECIDE]
        people[DECIDE.index(OVER)].rests = 4 * HOLD_FOR / SECOND / tasks  # half of it before the end of the period
        people.append(person(STANDING_IN, [claiming(one) for one in own[STANDING_IN]]))
        people.append(person(SECOND_PERSON, [confirming(one, proposals) for one in own[SECOND_PERSON]]))
        for one in people:
            one.start()
        for one in people:
            assert one.begun.wait(PATIENCE), one.error
        losses = [REVOKED, DEMOTED, STANDING_IN, SECOND_PERSON]
        random.shuffle(losses)
        for number in range(max(kills, len(losses))):
            if number < len(losses):
                spending.end(losses[number])
            if number < kills:
                served.kill_writer() if number % 2 else restart(served)
                works.kill_one()
        for one in people:
            one.join(PATIENCE)
            assert (one.is_alive(), one.error) == (False, None)
        until(lambda: not open_proposals(spending.settings), "a proposal that nobody can confirm does not end")
        until(lambda: not held_by(spending.settings, spending.person(DEMOTED)), "a task stays with who lost the role")
    finally:
        spending.writer.close()
        assert served.stop() == 0
        works.stop()
    check(spending, dict(zip((*DECIDE, STANDING_IN, SECOND_PERSON), people, strict=True)), proposals)


def all_of(people: list[Person]) -> None:
    for one in people:
        one.start()
    for one in people:
        one.join(PATIENCE)
        assert (one.is_alive(), one.error) == (False, None)
        assert {status for _, status, _ in one.told} == {200}


def restart(served: Served) -> None:
    served.kill()
    served.start()
    served.wait()


def rows(settings: Settings, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    log, database = open_log(settings)
    connection = database.connect(read_only=True)
    try:
        return connection.query(log.log_id, statement, values)
    finally:
        connection.close()


def open_proposals(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(settings, "SELECT id FROM act_proposal WHERE log_id = {log} AND state = 'proposed'")


def held_by(settings: Settings, person: str) -> list[tuple[Any, ...]]:
    return rows(settings, "SELECT 1 FROM task WHERE log_id = {log} AND state = 'claimed' AND holder = ?", person)


def check(spending: Spending, people: dict[str, Person], proposals: dict[str, dict[str, Any]]) -> None:
    with found_whole(spending.settings) as checked:
        manner = Manner((checked.log.secrets.signer.vkey,))
    report, _ = verify_database(subject_of(spending.settings), manner)
    assert report.is_sound, report.as_json()
    (judged,) = [one for one in report.checks if one.number == 12]
    assert judged.status is Status.PASSED
    by_command = {entry.command_id: entry for entry in checked.entries if entry.command is not None}
    for part, ended in spending.ends(checked.entries):
        done = [one for one in checked.entries if one.actor["id"] == ended.person and has_effect(one)]
        assert not [one.kind for one in done if ended.is_after(one)], f"done without authority: {part}"
        for key, status, answer in people[part].told:
            if status == 200 and answer.get("receipt"):
                assert by_command[key].index == answer["receipt"]["index"], "acknowledged, and lost"
        refused = {answer["reason"] for _, status, answer in people[part].told if status != 200}
        assert done, f"nothing was done with authority: {part}"
        assert LOST[part] & refused, f"nothing was asked for without authority: {part}"
    closed = [one.payload["closes"]["id"] for one in checked.entries if "closes" in one.payload]
    assert sorted(closed) == sorted(one["proposal"] for one in proposals.values()), "a proposal ends once, on record"


def has_effect(entry: Entry) -> bool:
    """That somebody did something for which they needed what they have lost."""
    return entry.kind in ("task.completed", "task.claimed", "vote.cast", "instance.corrected")


def test_authority_ends_while_decisions_are_open(organisation: Organisation) -> None:
    lose_and_kill(organisation, seed=1, tasks=25, kills=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 8))
def test_authority_ends_while_decisions_are_open_again_and_again(organisation: Organisation, seed: int) -> None:
    lose_and_kill(organisation, seed, tasks=80, kills=8)
