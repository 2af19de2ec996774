"""What the persons of the history do with the tasks that wait for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from examples.demo.told.house import House
from examples.demo.told.stories import SEED, Story
from governance.signature import Signed
from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.work import Answer, Done
from orchestrator.commands import ClaimTask, CompleteTask, ReleaseTask, StateStatement
from orchestrator.service import Shown

CODES = {"decline": "obligations-excessive", "send back": "documents-incomplete"}
REASONS = {
    "approve": (
        "Income and history carry the amount",
        "Within policy; the obligations leave room",
        "Ordered, received and within budget",
        "Checked against the order; nothing open",
    ),
    "decline": ("What is owed already is too high beside the income", "The history does not carry this amount"),
    "refuse": ("No rate is declared for this currency", "The supplier's price was never agreed"),
    "send back": ("The proof of income is older than three months", "The document does not show the address"),
    "clear": ("Same name, another date of birth", "The listed person died in 2011"),
    "stop": ("Name, date of birth and address agree with the list",),
    "accept": ("Identity proved, deposit explained", "Known to the branch; papers in order"),
    "turn away": ("Where the deposit comes from was not explained",),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open task of a story. `visit` counts the story's visits to the step."""

    task: str
    story: Story
    step: str
    visit: int
    currency: str
    above: bool


@dataclass(slots=True)
class Deed:
    """What somebody is about to do; `others` take it up when the first is refused."""

    waiting: Waiting
    who: str
    outcome: str
    reason: str
    others: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        """The reason code, where the step asks for one."""
        is_officer = self.waiting.step in ("officer", "officer-high")
        return CODES.get(self.outcome, "within-policy") if is_officer else ""


def deed_of(waiting: Waiting) -> Deed:
    """Who acts on a task, how and why."""
    who = candidates(waiting)
    outcome = outcome_of(waiting)
    reasons = _fitting(REASONS.get(outcome, ("",)), waiting.step)
    reason = Random(f"{SEED}|{waiting.task[-1]}|{waiting.story.key}").choice(reasons)  # noqa: S311 - not secret
    return Deed(waiting, who[0], outcome, reason, list(who[1:]))


def _fitting(reasons: tuple[str, ...], step: str) -> tuple[str, ...]:
    if len(reasons) < 4:
        return reasons
    return reasons[2:] if step.startswith("approval") else reasons[:2]


def candidates(waiting: Waiting) -> tuple[str, ...]:
    """Who may take it, the first first: by amount and grade, as the register has it."""
    story, amount = waiting.story, waiting.story.amount
    if waiting.step == "officer":
        if waiting.above:
            return ("head-of-lending",)
        if amount <= 25_000 and story.grade <= 4:
            return ("credit-officer-2", "credit-officer-3", "head-of-lending")
        if amount <= 100_000 and story.grade <= 7 and _even(story.key):
            return ("credit-officer-1", "credit-officer-3", "head-of-lending")
        return ("credit-officer-3", "head-of-lending")
    if waiting.step == "officer-high":
        return ("credit-officer-3", "head-of-lending") if amount <= 400_000 else ("head-of-lending",)
    if waiting.step in ("approval", "approval-of-exception"):
        if waiting.currency != "GBP" or amount > 50_000:
            return ("finance-director",)
        if story.trait == "conflict":
            return ("budget-owner-2", "finance-director")
        return ("budget-owner-1", "budget-owner-2") if amount <= 10_000 else ("budget-owner-2", "finance-director")
    if waiting.step == "acceptance":
        return ("relationship-manager-1", "head-of-retail") if amount <= 250_000 else ("head-of-retail",)
    return {
        "compliance": ("compliance-officer",),
        "exception": ("accounts-payable-clerk",),
        "identify": ("onboarding-clerk",),
    }[waiting.step]


def _even(key: str) -> bool:
    return int(key[-1]) % 2 == 0


def outcome_of(waiting: Waiting) -> str:
    """What is decided; empty for a form."""
    story, step = waiting.story, waiting.step
    if step in ("officer", "officer-high"):
        if story.trait == "sent back" and waiting.visit == 1 and step == "officer":
            return "send back"
        return "decline" if story.trait in ("declined", "held") or story.grade >= 9 else "approve"
    if step in ("approval", "approval-of-exception"):
        return "refuse" if waiting.currency != "GBP" or story.trait == "refused" else "approve"
    if step == "compliance":
        return "clear" if _even(story.key) else "stop"
    if step == "acceptance":
        if story.trait == "sent back" and waiting.visit == 1:
            return "send back"
        return "turn away" if story.trait == "turned away" else "accept"
    return ""


def form_of(waiting: Waiting) -> dict[str, Any]:
    """What is entered in a task without a decision."""
    if waiting.step == "exception":
        accepted = waiting.story.amount < Decimal(60_000)
        note = "Settled with the supplier" if accepted else "The supplier sends a new invoice"
        return {"resolution": {"action": "accept" if accepted else "return", "note": note}}
    return {"identity": {"document": "passport", "note": "Seen in the branch"}}


class Persons:
    """The persons at their tasks. Whoever is refused gives the task back, and the next one takes it."""

    def __init__(self, house: House) -> None:
        self._house = house

    def act(self, deeds: Sequence[Deed]) -> None:
        """Claim, read, state, sign and complete; all of them in step, so that they share commits."""
        house = self._house
        while deeds:
            going = [_Going(deed, house.person(deed.who), house.shown(deed.waiting.task)) for deed in deeds]
            claimed = house.ask((one.actor, ClaimTask(one.task)) for one in going)
            house.wait(4)
            held = [one for one, answer in zip(going, claimed, strict=True) if _done(answer)]
            missed = [one.deed for one, answer in zip(going, claimed, strict=True) if not _done(answer)]
            refused = self._complete(held)
            house.must((house.person(deed.who), ReleaseTask(deed.waiting.task)) for deed in refused)
            deeds = [_next(deed) for deed in (*missed, *refused) if deed.others]

    def claim(self, deeds: Sequence[Deed]) -> None:
        """Take tasks and leave them; whoever is refused leaves it to the next one."""
        while deeds:
            answers = self._house.ask((self._house.person(deed.who), ClaimTask(deed.waiting.task)) for deed in deeds)
            missed = [deed for deed, answer in zip(deeds, answers, strict=True) if not _done(answer)]
            deeds = [_next(deed) for deed in missed if deed.others]

    def _complete(self, held: Sequence["_Going"]) -> list[Deed]:
        """Those that were refused, the statement or the completion: either stands on the record."""
        house = self._house
        signing = [one for one in held if one.shown.meaning]
        stated = house.ask((one.actor, _statement(one)) for one in signing)
        for one, answer in zip(signing, stated, strict=True):
            one.nonce = answer.outcome.result["nonce"] if isinstance(answer.outcome, Done) else ""
        going = [one for one in held if one.nonce or not one.shown.meaning]
        answers = house.ask((one.actor, self._completion(one)) for one in going)
        refused = [one.deed for one, answer in zip(going, answers, strict=True) if not _done(answer)]
        return [*refused, *[one.deed for one in held if one.shown.meaning and not one.nonce]]

    def _completion(self, one: "_Going") -> CompleteTask:
        # The demo drew this person's password itself a moment ago; the entry's actor says that the demo acted.
        signature = Signed("password", str(one.actor.person), self._house.clock.wall()) if one.nonce else None
        deed = one.deed
        return CompleteTask(
            one.task,
            deed.outcome,
            {} if deed.outcome else form_of(deed.waiting),
            deed.reason if deed.outcome else "",
            deed.code,
            one.nonce,
            one.shown.shown_digest,
            signature,
        )


@dataclass(slots=True)
class _Going:
    """A deed with its actor, what they were shown, and the nonce of what they sign."""

    deed: Deed
    actor: Actor
    shown: Shown
    nonce: str = ""

    @property
    def task(self) -> str:
        return self.deed.waiting.task


def _statement(one: _Going) -> StateStatement:
    deed = one.deed
    return StateStatement(one.task, deed.outcome, deed.reason, deed.code, one.shown.shown_digest)


def _next(deed: Deed) -> Deed:
    return Deed(deed.waiting, deed.others[0], deed.outcome, deed.reason, deed.others[1:])


def _done(answer: Answer) -> bool:
    return not isinstance(answer.outcome, Refusal)
