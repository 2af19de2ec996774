"""In whose hands a decision was goes through a pack and a whole log: taken from who had lost it, and left with nobody
who had.

Each lie is told in an entry that is chained, signed and counted as every other.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from governance.authority import Register
from governance.grant import EVER, Status, StatusEvent, digest_of
from governance.questions.left_with import WORKED_MAX
from governance.questions.verdicts import verify_pack
from governance.rederiving import DecisionsAgain
from ledger.actor import SYSTEM, Actor
from ledger.canonical import encode
from ledger.clock import SECOND
from ledger.entry import EntryDraft
from ledger.note import parse_vkey
from ledger.rederiving import Rederiving, Seen
from ledger.verify.packs import PackVerdict, Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Fault, Finding
from ledger.verify.report import Status as Verdict
from ledger.work import UnitOfWork
from tests.conftest import SetClock
from tests.evidence.bank import PERSONS, Bank, actor_of, found
from tests.evidence.conftest import open_bank, pack_of
from tests.evidence.scenes import entry_of, start

OFFICER, HEAD, CLERK = (PERSONS[who][0] for who in ("officer", "head", "clerk"))
INSTANCE = "pi_1"
TASK = 2
MINUTE = 60 * SECOND

Scene = Callable[["Told"], None]


class Told:
    """A bank at which an application came in, and what is done about the decision."""

    def __init__(self, folder: Path, amount: str = "60000.00") -> None:
        self.bank: Bank = open_bank(folder, SetClock())
        self.register = found(self.bank)
        start(self.bank, INSTANCE, amount)
        self._count = 0

    def stage(self, by: Actor, draft: Callable[[UnitOfWork], EntryDraft]) -> None:
        self._count += 1
        self.bank.play(by, f"{self._count}", lambda uow: [draft(uow)])

    def act(self, by: Actor, kind: str, transition: dict[str, Any], **payload: Any) -> None:
        """An entry of the instance about the decision; `register` names that which was asked, None for none."""
        register = payload.pop("register", self.register.digest)
        basis = {} if register is None else {"register": register}
        body = {"transitions": [{"t": kind, "activation": TASK, **transition}], "task": TASK, "result": {}, **payload}
        self.stage(by, lambda _: entry_of(self.bank, kind, INSTANCE, (body, basis)))

    def status(self, status: Status, grant: str = "ag_2", ends_at: int = EVER) -> None:
        """The officer's grant is suspended or revoked."""
        at = self.bank.clock.at + SECOND
        event = StatusEvent(grant, f"{status}-{self._count}", 1, status, at, ends_at, at)
        register = Register(self.register.instruments, self.register.grants, (*self.register.statuses, event))
        release = {"change_request": "cr_0", "name": event.name, "version": 1, "digest": "d"}
        value = event.as_value()

        def draft(uow: UnitOfWork) -> EntryDraft:
            body = {"value": value, "digest": digest_of(value), "release": release, "register_digest": register.digest}
            reason = uow.seal(grant, "reason", "left", data_class="confidential")
            return EntryDraft(f"authority.{status.value}", 1, grant, {**body, "reason": reason})

        self.stage(actor_of("author"), draft)
        self.register = register

    def work(self, times: int, instance: str = INSTANCE, every: int = MINUTE, by: Actor = SYSTEM) -> None:
        """The system does something, once a minute if nothing else is said, and looks at nothing that is held."""
        said = {"transitions": [{"t": "variable.set", "path": "risk.grade", "value": 3}], "result": {}}
        for _ in range(times):
            self.bank.clock.pass_time(every)
            self.stage(by, lambda _: entry_of(self.bank, "instance.advanced", instance, (said, {})))

    def pause(self, minutes: int) -> None:
        """Nothing happens."""
        self.bank.clock.pass_time(minutes * MINUTE)


def claim(told: Told, who: str = "officer", **rest: Any) -> None:
    told.act(actor_of(who), "task.claimed", {"by": PERSONS[who][0]}, **rest)


def delegate(told: Told, by: str = "officer", to: str = HEAD) -> None:
    told.act(actor_of(by), "task.delegated", {"to": to})


def held_by_the_head_and_with_the_officer(told: Told) -> None:
    claim(told, "head")
    delegate(told, "head", OFFICER)


def held_up(told: Told) -> None:
    """An incident holds the step."""
    raised = {"incident": 9, "code": "LATE", "where": "deadline", "role": "owners"}
    told.act(SYSTEM, "incident.raised", raised, register=None)


def take(told: Told, reason: str = "REVOKED", holder: str = OFFICER, **rest: Any) -> None:
    said = {"why": "vacated", "reason": reason}
    told.act(SYSTEM, "task.released", said, holder=holder, why="vacated", **rest)


def take_from_delegate(told: Told, reason: str, delegate: str = HEAD) -> None:
    said = {"step": "officer", "by": delegate, "why": "vacated", "reason": reason}
    told.act(SYSTEM, "task.returned", said, holder=OFFICER, why="vacated", delegate=delegate)


def revoked(told: Told) -> None:
    told.status(Status.REVOKED)


def suspended(told: Told, minutes: int = 1_000_000) -> None:
    told.status(Status.SUSPENDED, ends_at=told.bank.clock.at + minutes * MINUTE)


def all_of(*scenes: Scene) -> Scene:
    def scene(told: Told) -> None:
        for one in scenes:
            one(told)

    return scene


def work(minutes: int) -> Scene:
    return lambda told: told.work(minutes)


def pause(minutes: int) -> Scene:
    return lambda told: told.pause(minutes)


def set_amount(amount: str) -> Scene:
    def scene(told: Told) -> None:
        money = {"amount": amount, "currency": "GBP"}
        said = {"transitions": [{"t": "variable.set", "path": "amount", "value": money}], "result": {}}
        told.stage(actor_of("head"), lambda _: entry_of(told.bank, "instance.advanced", INSTANCE, (said, {})))

    return scene


def suspend_instance(told: Told) -> None:
    said = {"transitions": [{"t": "instance.suspended", "by": "itself"}], "result": {}}
    told.stage(actor_of("head"), lambda _: entry_of(told.bank, "instance.suspended", INSTANCE, (said, {})))


class Judged(NamedTuple):
    """What the verifier of packs and check 12 say of one story."""

    fifth: PackVerdict
    finding: Finding | None
    note: str

    def parts(self, status: Verdict) -> set[str]:
        """The parts about the task with this status, by name."""
        name = f"{INSTANCE}.{TASK} "
        return {
            one.name.removeprefix(name)
            for one in self.fifth.parts
            if one.name.startswith(name) and one.status is status
        }


class _Source(NamedTuple):
    seen: list[Seen]

    def entries(self, begin: int, end: int) -> list[tuple[int, int | None, bytes, bytes]]:
        return [(one.index, one.previous, b"", encode(one.value)) for one in self.seen[begin:end]]


def judged(folder: Path, *scenes: Scene) -> Judged:
    """The story told once, and judged in a pack of it and as a whole log."""
    told = Told(folder)
    all_of(*scenes)(told)
    with told.bank.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    data, vkey = pack_of(told.bank).data, told.bank.vkey
    told.bank.close()
    verdicts = verify_pack(data, Trust(verify_ed25519, parse_vkey(vkey))).verdicts
    assert [one.status for one in verdicts[:4]] == [Verdict.PASSED] * 4
    source: Any = _Source([Seen(row.idx, row.previous, json.loads(row.bytes)) for row in rows if row is not None])
    again = Rederiving(source, (DecisionsAgain(),))
    return Judged(verdicts[4], again.run(len(source.seen)), again.note)


def head_revoked(told: Told) -> None:
    told.status(Status.REVOKED, "ag_1")


RIGHT: dict[str, Iterable[Scene]] = {
    "held": (claim,),
    "revoked": (claim, revoked, take),
    "suspended": (claim, suspended, lambda told: take(told, "SUSPENDED")),
    "above the limit": (claim, set_amount("100000.01"), lambda told: take(told, "LIMIT_CASE")),
    "delegate": (claim, delegate, head_revoked, lambda told: take(told, "CHAIN_BROKEN")),
    "with the head instead": (claim, revoked, take, lambda told: claim(told, "head")),
    "in time": (claim, revoked, work(WORKED_MAX - 1), take),
    "nobody at work": (claim, revoked, work(2), pause(10_000), work(2), take),
    "an instance that is suspended": (claim, suspend_instance, revoked, work(WORKED_MAX + 5)),
    "lifted meanwhile": (claim, lambda told: suspended(told, 20), work(WORKED_MAX + 30)),
    "corrected meanwhile": (claim, set_amount("100000.01"), work(40), set_amount("5.00"), work(40)),
    "lost twice and for a short time": (claim, lambda told: suspended(told, 5), work(40), revoked, work(40), take),
    "many entries of one minute": (claim, revoked, lambda told: told.work(200, every=0), take),
    "persons at work, and no runner": (
        claim, revoked, lambda told: told.work(WORKED_MAX + 5, by=actor_of("head")), take,
    ),
    "a step that is held up": (claim, revoked, held_up, work(WORKED_MAX + 5)),
    "of before": (lambda told: claim(told, register=None), revoked, work(WORKED_MAX + 5)),
}  # fmt: skip


@pytest.mark.parametrize("scenes", RIGHT.values(), ids=RIGHT)
def test_what_was_rightly_given_and_taken_passes(scenes: Iterable[Scene], tmp_path: Path) -> None:
    told = judged(tmp_path, *scenes)
    assert (told.fifth.status, told.finding) == (Verdict.PASSED, None), (told.fifth.text, told.finding)
    assert told.parts(Verdict.FAILED) == set()


def test_how_many_were_judged_is_told(tmp_path: Path) -> None:
    told = judged(tmp_path, claim, revoked, take, lambda told: claim(told, "head"))
    assert "3 tasks given or taken away judged again" in told.fifth.text
    assert "1 tasks taken away for want of authority" in told.note
    assert "2 decisions taken up or handed on" in told.note


FORGED: dict[str, tuple[str, Iterable[Scene]]] = {
    "taken from who still had it": ("taken away", (claim, take)),
    "taken for another reason": ("taken away", (claim, revoked, lambda told: take(told, "EXPIRED"))),
    "taken for a limit that reaches it": ("taken away", (claim, lambda told: take(told, "LIMIT_CASE"))),
    "taken for a limit that just reaches it": (
        "taken away", (claim, set_amount("100000.00"), lambda told: take(told, "LIMIT_CASE")),
    ),
    "taken without a reason": ("taken away", (claim, revoked, lambda told: take(told, ""))),
    "taken from somebody else": ("taken away", (claim, revoked, lambda told: take(told, holder=CLERK))),
    "taken from nobody": ("taken away", (revoked, take)),
    "taken from a delegate who still had it": (
        "taken away", (claim, delegate, lambda told: take_from_delegate(told, "REVOKED")),
    ),
    "taken from another delegate": (
        "taken away", (claim, delegate, revoked, lambda told: take_from_delegate(told, "REVOKED", CLERK)),
    ),
    "taken when it was given back": ("taken away", (claim, revoked, take, take)),
    "claimed without": ("given", (lambda told: claim(told, "clerk"),)),
    "claimed when it was over": ("given", (revoked, claim)),
    "claimed beyond the limit": ("given", (set_amount("100000.01"), claim)),
    "delegated to who had lost it": (
        "given", (claim, head_revoked, delegate),
    ),
    "left with who had lost it": ("left with holder", (claim, revoked, work(WORKED_MAX + 1))),
    "left though it was beyond the limit": (
        "left with holder", (claim, set_amount("100000.01"), work(WORKED_MAX + 1)),
    ),
    "left when the time of a grant was over": (
        "left with holder", (claim, pause(401 * 24 * 60), work(WORKED_MAX + 1)),
    ),
    "left with a delegate who had lost it": (
        "left with holder", (held_by_the_head_and_with_the_officer, revoked, work(WORKED_MAX + 1)),
    ),
    "left after the suspension of another was lifted": (
        "left with holder",
        (claim, lambda told: suspended(told, 5), work(10), revoked, work(WORKED_MAX + 1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("part", "scenes"), FORGED.values(), ids=FORGED)
def test_what_was_given_taken_or_left_wrongly_fails_in_the_pack_and_in_the_log(
    part: str, scenes: Iterable[Scene], tmp_path: Path
) -> None:
    told = judged(tmp_path, *scenes)
    assert (told.fifth.status, told.parts(Verdict.FAILED)) == (Verdict.FAILED, {part}), told.fifth.text
    assert told.finding is not None
    assert (told.finding.check, told.finding.fault) == (12, Fault.STATE_DRIFT)


ELSEWHERE: dict[str, tuple[Scene, int]] = {
    "revoked": (revoked, 0),
    "over by itself": (lambda told: suspended(told, 1_000_000), 0),
    "a time that ended": (pause(1), 401 * 24 * 60),
}


@pytest.mark.parametrize(("scene", "minutes"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_decision_is_looked_at_though_nothing_happens_in_its_instance(
    scene: Scene, minutes: int, tmp_path: Path
) -> None:
    """A pack of it alone does not tell that the runner was at work; the whole log does."""

    def elsewhere(told: Told) -> None:
        start(told.bank, "pi_2")
        told.work(2, "pi_2")
        scene(told)
        told.pause(minutes)
        told.work(WORKED_MAX + 1, "pi_2")

    told = judged(tmp_path, claim, elsewhere)
    assert told.fifth.status is Verdict.PASSED
    assert told.finding is not None
    assert "left with person:c" in told.finding.found


def test_the_register_that_was_asked_has_to_be_the_one_of_that_instant(tmp_path: Path) -> None:
    told = judged(tmp_path, lambda told: claim(told, register="another"))
    assert told.parts(Verdict.NOT_RUN) == {"register"}  # a pack may not hold all of it
    assert told.finding is not None
    assert "authority register" in told.finding.found


def test_what_is_held_without_authority_at_the_end_is_said_to_be_not_judged(tmp_path: Path) -> None:
    told = judged(tmp_path, claim, revoked, work(3))
    assert (told.fifth.status, told.finding) == (Verdict.PASSED, None)
    assert told.parts(Verdict.NOT_RUN) == {"left with holder"}
    assert "not run: 1 decisions held without authority" in told.note


def test_a_role_that_was_lost_is_no_part_of_a_pack(tmp_path: Path) -> None:
    told = judged(tmp_path, claim, lambda told: take(told, "NO_RULE"))
    assert told.parts(Verdict.NOT_RUN) == {"role of holder"}
    assert told.finding is None  # `rbac.rederiving` judges it where the whole log is at hand


def test_a_limit_on_a_sealed_measure_is_not_judged_and_everything_else_is(tmp_path: Path) -> None:
    def seals(told: Told) -> None:
        def draft(uow: UnitOfWork) -> EntryDraft:
            sealed = uow.seal(INSTANCE, "amount", {"amount": "1"}, data_class="confidential")
            said = {"transitions": [{"t": "variable.set", "path": "amount", "value": sealed}], "result": {}}
            return entry_of(told.bank, "instance.advanced", INSTANCE, (said, {}))

        told.stage(actor_of("head"), draft)

    told = judged(tmp_path / "limit", seals, claim, lambda told: take(told, "LIMIT_CASE"))
    assert (told.parts(Verdict.FAILED), told.parts(Verdict.NOT_RUN)) == (set(), {"limit of holder"})
    told = judged(tmp_path / "revoked", seals, claim, lambda told: take(told, "REVOKED"))
    assert told.parts(Verdict.FAILED) == {"taken away"}
