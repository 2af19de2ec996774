"""Persons who hold decisions open while what they need for them ends; each loses it in another way.

Everything that ends is ended by the product's own ways, in the test's process, while the service is killed. `Ended`
says from when on nothing may be recorded: an entry of the log, or an instant that stands in one.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from api.founding import done
from api.settings import Settings
from api.wiring import build_writer
from governance.substituting import LiftSubstitution, RecordSubstitution
from ledger.clock import SECOND, Instant, SystemClock, instant_text
from ledger.entry import Entry
from ledger.work import Request
from ledger.writer import Writer
from orchestrator import commands as c
from tests.crash import organisation as founded
from tests.crash.organisation import Organisation, open_reader, service

SPENDING = """\
blueprint: spending
title: Spending
purpose: Approve what is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  memo: {type: string, class: internal}
acts:
  correct: {reason: required, second: role finance-operations, within: 20 seconds}
start: {by: api, requires: role invoice-intake, key: number}
first: approval
steps:
  approval:
    decide: [approve, refuse]
    role: role budget-owner
    authority: approve-invoice
    measure: = amount
    shows: [amount]
    reason: {required: true}
    sign: {meaning: I approve this, factor: password}
    duties: [not initiator]
    next: {approve: done, refuse: done}
  done: {end: done}
"""
GRANT = """\
authority-grant: {name}-grant
instrument: financial-regulations-2026
grantee: person {name}
grantor: person finance-director
parent: finance-director-2026
domain: finance
powers:
  - {{decision: approve-invoice, outcomes: [approve, refuse]}}
limits:
  - {{per: case, currency: GBP, max: "10000.00", inclusive: true}}
  - {{per: 30 days, currency: GBP, max: "200000.00", inclusive: true}}
valid: {{from: 2026-01-01T00:00:00Z, to: {to}}}
"""
ROLE = "role assignment: {name}-{role}\nto: {name}\nrole: {role}\ndomain: finance\n"
FAR = "2036-01-01T00:00:00Z"
# Each loses: a grant that is revoked, a grant whose period ends, a role, whom they stand in for, the second's role.
REVOKED, OVER, DEMOTED, STANDING_IN, SECOND_PERSON = "revoked", "over", "demoted", "standing-in", "second"
ABSENT, PROPOSES = "absent", "accounts-payable-clerk"
DECIDE = (REVOKED, OVER, DEMOTED)
HOLD_FOR = 5 * SECOND  # how long what ends by itself holds


class Ended(NamedTuple):
    """From this entry on, or from this instant on, nothing more by this person; both are of the log itself."""

    person: str
    entry: int
    at: str

    def is_after(self, entry: Entry) -> bool:
        return entry.index > self.entry if self.entry >= 0 else entry.recorded_at >= self.at


class Spending:
    """The organisation with such persons, and a writer of the test's own beside those of the service."""

    def __init__(self, organisation: Organisation) -> None:
        self.settings: Settings = organisation.settings
        self._count = 0
        self.writer = Writer(*build_writer(self.settings))
        self.organisation = organisation
        self._found(organisation)
        self._substitution = ""

    def _found(self, organisation: Organisation) -> None:
        names = [self.named(one) for one in (*DECIDE, STANDING_IN, ABSENT, SECOND_PERSON)]
        for name in names:
            self._release(f"persons/{name}.yaml", f"person: {name}\nname: {name}\nstatus: active\n")
        self.organisation = replace(organisation, persons=organisation.persons | founded._persons(self.settings))
        for name in names:
            role = "finance-operations" if name == self.named(SECOND_PERSON) else "budget-owner"
            self._release(f"role-assignments/{name}.yaml", ROLE.format(name=name, role=role))
            if role == "budget-owner" and name != self.named(OVER):
                self._release(f"grants/{name}.yaml", GRANT.format(name=name, to=FAR))
        for name in (*names, PROPOSES):
            founded._set_password(self.writer, self.organisation.persons[name])
        self._release("blueprints/spending.yaml", SPENDING)

    def named(self, part: str) -> str:
        """The reference of who plays this part."""
        return part if part == PROPOSES else f"spender-{part}"

    def person(self, part: str) -> str:
        return self.organisation.persons[self.named(part)]

    def start(self, count: int) -> list[str]:
        """So many instances that wait for a decision, by id of their task."""
        answers = []
        for _ in range(count):
            self._count += 1
            data = {"amount": {"amount": "50.00", "currency": "GBP"}}
            start = c.StartInstance("spending", f"S-{self._count}", data, domain="finance")
            answers.append(self.writer.submit(Request(service("invoice-intake"), start, f"spend-{self._count}")))
        instances = [done(answer.result()).result["instance"] for answer in answers]
        found = dict(self._ask("SELECT instance, number FROM task WHERE log_id = {log} AND state = 'offered'"))
        return [f"{one}.{found[one]}" for one in instances]

    def _ask(self, statement: str) -> list[tuple[Any, ...]]:
        reader = open_reader(self.settings)
        try:
            with reader.view() as view:
                return view.query(statement, ())
        finally:
            reader.close()

    def begin_periods(self) -> None:
        """What ends by itself begins: a grant, and a substitution, both for a few seconds."""
        until = Instant(SystemClock().wall() + HOLD_FOR)
        name = self.named(OVER)
        self._release(f"grants/{name}.yaml", GRANT.format(name=name, to=instant_text(until)))
        away = RecordSubstitution(self.person(ABSENT), self.person(STANDING_IN), 0, until + 3_600 * SECOND, "away")
        made = self.writer.run(Request(self.organisation.person(self.named(ABSENT)), away, "away"))
        self._substitution = done(made).result["substitution"]

    def end(self, part: str) -> None:
        """End what this person needs; a grant that ends by itself does so."""
        name = self.named(part)
        if part == REVOKED:
            revocation = f"authority-revocation: {name}-end\ngrant: {name}-grant\naction: revoke\nreason: left\n"
            self._release(f"grants/{name}-end.yaml", revocation, kind="authority-revocation")
        elif part in (DEMOTED, SECOND_PERSON):
            role = "budget-owner" if part == DEMOTED else "finance-operations"
            now = instant_text(SystemClock().wall())
            text = f"{ROLE.format(name=name, role=role)}until: {now}\n"
            self._release(f"role-assignments/{name}-end.yaml", text, base=1)
        elif part == STANDING_IN:
            lifting = LiftSubstitution(self._substitution, "back")
            done(self.writer.run(Request(self.organisation.person(self.named(ABSENT)), lifting, "back")))

    def _release(self, path: str, text: str, kind: str = "", base: int | None = None) -> None:
        kind = kind or founded.KINDS[path.partition("/")[0]]
        founded.release(self.writer, self.organisation, path, (text, kind, base))

    def ends(self, entries: list[Entry]) -> Iterator[tuple[str, Ended]]:
        """When each lost what they needed, read from the log itself."""
        (revoked,) = [one.index for one in entries if one.kind == "authority.revoked"]
        yield REVOKED, Ended(self.person(REVOKED), revoked, "")
        granted = [one.payload["value"] for one in entries if one.kind == "authority.granted"]
        (own,) = [one for one in granted if self.person(OVER) in str(one["grantee"])]
        yield OVER, Ended(self.person(OVER), -1, instant_text(Instant(own["valid_to"])))
        unassigned = {one.subject: one.index for one in entries if one.kind == "role.unassigned"}
        for part in (DEMOTED, SECOND_PERSON):
            yield part, Ended(self.person(part), unassigned[self.person(part)], "")
        (lifted,) = [one.index for one in entries if one.kind == "substitution.lifted"]
        yield STANDING_IN, Ended(self.person(STANDING_IN), lifted, "")
