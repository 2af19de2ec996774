"""A random organisation at work: nothing is released without enough fresh approvals, judged by a second account.

The second account keeps, for each change request, who wrote which text and who approved which edit; it shares no code
with `versioning.change`.
"""

from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from ledger import canonical
from ledger.actor import Actor
from ledger.work import Done
from tests.versioning.change.world import AGENT, ANNA, BEN, CARA, DAN, ROBOT, World, person
from versioning import service, tables
from versioning.change import Verdict
from versioning.commands import EditChange, ProposeChange, ReleaseChange, SubmitChange, WithdrawChange

SECOND_ACCOUNT = person("anna-admin", person=ANNA.person)
DEPUTY = person("deputy", on_behalf_of=BEN.person)
API_PERSON = replace(DAN, method="api-key")
ROBOT_FOR_CARA = replace(ROBOT, on_behalf_of=CARA.person)
ACTORS = (ANNA, BEN, CARA, DAN, SECOND_ACCOUNT, DEPUTY, API_PERSON, ROBOT, ROBOT_FOR_CARA, AGENT)

NATURAL = {
    str(actor.id) + actor.method + str(actor.on_behalf_of): people
    for actor, people in (
        (ANNA, {"anna"}),
        (BEN, {"ben"}),
        (CARA, {"cara"}),
        (DAN, {"dan"}),
        (SECOND_ACCOUNT, {"anna"}),
        (DEPUTY, {"deputy", "ben"}),
        (API_PERSON, {"dan"}),
        (ROBOT, {"robot"}),
        (ROBOT_FOR_CARA, {"robot", "cara"}),
        (AGENT, {"agent"}),
    )
}
OPEN_AT_ONCE = 4
MACHINES = (API_PERSON, ROBOT, ROBOT_FOR_CARA, AGENT)


def natural(actor: Actor) -> set[str]:
    return NATURAL[str(actor.id) + actor.method + str(actor.on_behalf_of)]


@dataclass
class Account:
    """What the test saw of one change request."""

    name: str
    base: int
    source: str
    authors: set[str]
    approvals: list[Actor] = field(default_factory=list)  # since the last edit
    blocked: bool = False  # a reviewer asked for changes since the last edit
    closed: bool = False
    draft: bool = False

    def enough(self, needed: int) -> bool:
        counted: set[str] = set()
        number = 0
        for actor in self.approvals:
            if actor not in MACHINES and not natural(actor) & (self.authors | counted):
                counted |= natural(actor)
                number += 1
        return number >= needed


class ChangeControl(RuleBasedStateMachine):
    changes = Bundle("changes")

    @initialize(needed=st.sampled_from((1, 1, 2, 3)))
    def open(self, needed: int) -> None:
        self.world = World(needed)
        self.needed = needed
        self.accounts: dict[str, Account] = {}
        self.versions: dict[tuple[str, int], str] = {}
        self.current: dict[str, int] = {"a": 0, "b": 0}

    @rule(
        target=changes,
        actor=st.sampled_from(ACTORS),
        name=st.sampled_from("ab"),
        text=st.sampled_from("xyz"),
        lag=st.sampled_from((0, 0, 0, 1)),
        draft=st.sampled_from((False, False, False, True)),
    )
    def propose(self, actor: Actor, name: str, text: str, lag: int, draft: bool) -> str:
        if sum(not account.closed for account in self.accounts.values()) >= OPEN_AT_ONCE:
            return ""  # few requests at once, so that each goes far
        base = self.current[name] - lag
        source = f"{name}: {text}"
        answer = self.world.run(
            actor, ProposeChange("note", source, base if base > 0 else None, "title", "reason", draft)
        )
        if not isinstance(answer, Done):
            assert max(base, 0) != self.current[name]
            return ""
        assert max(base, 0) == self.current[name]
        change_id = str(answer.result["change_request"])
        self.accounts[change_id] = Account(name, max(base, 0), source, natural(actor), draft=draft)
        return change_id

    @rule(change_id=changes, actor=st.sampled_from(ACTORS), text=st.sampled_from("xyz"), rebase=st.booleans())
    def edit(self, change_id: str, actor: Actor, text: str, rebase: bool) -> None:
        if not change_id:
            return
        account = self.accounts[change_id]
        source = f"{account.name}: {text}"
        base = (self.current[account.name] or None) if rebase else None
        revision = self.world.change(change_id).revision
        answer = self.world.run(actor, EditChange(change_id, source, revision, base))
        assert isinstance(answer, Done) == (not account.closed)
        if isinstance(answer, Done):
            account.authors = account.authors | natural(actor)
            account.source, account.approvals, account.blocked = source, [], False
            account.base = base or account.base

    @rule(change_id=changes, actor=st.sampled_from(ACTORS))
    def submit(self, change_id: str, actor: Actor) -> None:
        if not change_id:
            return
        account = self.accounts[change_id]
        answer = self.world.run(actor, SubmitChange(change_id, self.world.change(change_id).revision))
        assert isinstance(answer, Done) == (account.draft and not account.closed)
        if isinstance(answer, Done):
            account.draft = False

    @rule(change_id=changes, actor=st.sampled_from(ACTORS))
    def approve(self, change_id: str, actor: Actor) -> None:
        self._review(change_id, actor, Verdict.APPROVE)

    @rule(change_id=changes, actors=st.permutations(ACTORS))
    def approve_by_all(self, change_id: str, actors: list[Actor]) -> None:
        for actor in actors:
            self._review(change_id, actor, Verdict.APPROVE)

    @rule(change_id=changes, actor=st.sampled_from(ACTORS), verdict=st.sampled_from(Verdict))
    def review(self, change_id: str, actor: Actor, verdict: Verdict) -> None:
        self._review(change_id, actor, verdict)

    def _review(self, change_id: str, actor: Actor, verdict: Verdict) -> None:
        if not change_id:
            return
        account = self.accounts[change_id]
        answer = self.world.review(actor, change_id, verdict)
        if not isinstance(answer, Done):
            return
        assert actor not in MACHINES
        assert not natural(actor) & account.authors
        assert not account.closed
        assert not account.draft
        if verdict is Verdict.APPROVE:
            account.approvals.append(actor)
        elif verdict is Verdict.REFUSE:
            account.closed = True
        else:
            account.blocked = True

    @rule(change_id=changes, actor=st.sampled_from(ACTORS))
    def withdraw(self, change_id: str, actor: Actor) -> None:
        if not change_id:
            return
        account = self.accounts[change_id]
        if len(account.approvals) < self.needed:
            return  # keep approved requests, so that releases are met often
        answer = self.world.run(actor, WithdrawChange(change_id, self.world.change(change_id).revision))
        if isinstance(answer, Done):
            assert natural(actor) & account.authors
            account.closed = True

    @rule(change_id=changes, actor=st.sampled_from(ACTORS))
    def release(self, change_id: str, actor: Actor) -> None:
        if change_id:
            self._release(change_id, actor)

    @rule(actor=st.sampled_from(ACTORS))
    def release_all(self, actor: Actor) -> None:
        for change_id in self.accounts:
            self._release(change_id, actor)

    def _release(self, change_id: str, actor: Actor) -> None:
        account = self.accounts[change_id]
        approved = self.world.change(change_id)
        answer = self.world.run(actor, ReleaseChange(change_id))
        may = (
            account.enough(self.needed)
            and not (account.closed or account.blocked or account.draft)
            and account.base == self.current[account.name]
        )
        assert isinstance(answer, Done) == may
        if not isinstance(answer, Done):
            return
        account.closed = True
        self.current[account.name] += 1
        number = self.current[account.name]
        assert answer.result["version"] == number
        assert answer.result["digest"] == approved.digest
        self.versions[account.name, number] = account.source

    @invariant()
    def versions_are_what_was_approved(self) -> None:
        if not hasattr(self, "world"):
            return
        uow = self.world.log.uow(ANNA)
        versions = service.Versions()
        rows = self.world.log.rows.group(tables.ARTEFACT_VERSION)
        assert {(row.name, row.version) for row in rows} == set(self.versions)
        for (name, number), source in self.versions.items():
            found = versions.version(uow, "note", name, number)
            assert found is not None
            assert found.source == source
            assert found.digest == canonical.digest(
                {"kind": "note", "name": name, "source": source, "value": {"text": source[3:]}}
            )

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert self.world.log.replayed().tables == self.world.log.rows.tables


ChangeControl.TestCase.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestChangeControl = ChangeControl.TestCase
