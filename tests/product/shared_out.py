"""Part of `everything`: what several persons decide, and work that some are offered or take in the place of others."""

from typing import Any

from examples.demo import deciding
from examples.processes.acting import Acting
from tests.api.organisation import WORD

_VOTED = """blueprint: voted-spending
title: Spending that two decide
purpose: Let two persons agree on what is spent.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  decision: {class: confidential, properties: {outcome: string, how: string, at: date and time}}
start: {by: api, requires: role invoice-intake, key: number}
first: decision
steps:
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    shows: [number, amount]
    reason: {required: true}
    duties: [not initiator, not author of blueprint]
    quorum: {need: 2, tie: fails}
    into: decision
    next: {approve: done, refuse: done}
  done: {end: done}
"""

_SHARED = """blueprint: {name}
title: Sorting
purpose: Put everything where it belongs.
owner: finance-operations
data:
  item: {{type: string, class: internal, required: true}}
  shelf: {{type: string, class: internal}}
start: {{by: api, requires: role invoice-intake, key: item}}
first: sort
steps:
  sort: {{task: Sort it, role: role budget-owner, offer to: {{{offer}}}, shows: [item], expects: [shelf], next: note}}
  note: {{job: note-shelf, with: {{shelf: = shelf}}, next: done}}
  done: {{end: sorted}}
"""


def vote(staff: Any) -> None:
    """Votes that agree, and one that is void, since the instance is cancelled before there is another."""
    release(staff, "process-owner", {"kind": "blueprint", "source": _VOTED})
    acting = Acting(staff, "voted-spending", "finance", "svc:invoice-intake")
    amount = {"amount": "500.00", "currency": "GBP"}
    whole, cut = (acting.start(number, {"number": number, "amount": amount}) for number in ("V-1", "V-2"))
    for who, instance in (("budget-owner-1", whole), ("finance-director", whole), ("budget-owner-1", cut)):
        task = deciding.task_of(staff.person(who), instance, "decision")["id"]
        deciding.attempt(staff, who, task, "approve", "within the budget")
    staff.person("finance-director").post(f"/v1/process-instances/{cut}/cancellation", {"reason": "no longer needed"})


def share_out(staff: Any) -> None:
    """Work that is offered to a skill and a unit, given to the least loaded, and taken by who stands in."""
    for name, said in (("sorts", "skill: sorting"), ("north", "unit: north")):
        source = f"person attribute: one-{name}\nof: budget-owner-1\n{said}\n"
        release(staff, "process-owner", {"kind": "person-attribute", "source": source})
    given = "person attribute: director-sorts\nof: finance-director\nskill: sorting\n"
    release(staff, "process-owner", {"kind": "person-attribute", "source": given})
    for name, offer in (("sorting", "skill: sorting, unit: north"), ("sharing", "give to: least loaded")):
        release(staff, "process-owner", {"kind": "blueprint", "source": _SHARED.format(name=name, offer=offer)})
    until_at = staff.house.service.rooms.clock.wall() + 3_600_000_000
    away = {"valid_until": until_at, "reason": "on leave"}
    owner, director = staff.person("budget-owner-1"), staff.person("finance-director")
    first = owner.post("/v1/substitutions", {**away, "substitute": staff.house.person("finance-director")})
    for number in range(2):
        for name in ("sorting", "sharing"):
            data = {"item": f"{name}-{number}"}
            body = {"blueprint": name, "business_key": f"{name}-{number}", "data": data, "domain": "finance"}
            made = staff.service("svc:invoice-intake").post("/v1/process-instances", body)["instance"]
            task = owner.get(f"/v1/process-instances/{made}")["tasks"][0]
            if name == "sorting" and not number:  # so the next to be given one is somebody else
                director.post(f"/v1/tasks/{task['id']}/claim")
    absent = {"absent": staff.house.person("finance-director"), "substitute": staff.house.person("change-reviewer")}
    staff.person("process-owner").post("/v1/substitutions", {**away, **absent})
    owner.post(f"/v1/substitutions/{first['substitution']}/lifting", {"reason": "back again"})
    ended = {"kind": "person-attribute", "source": f"{given}until: 2035-01-01T00:00:00.000000Z\n", "base_version": 1}
    release(staff, "process-owner", ended)


def release(staff: Any, author: str, change_of: dict[str, Any]) -> None:
    """Propose, review and release a change."""
    made = staff.person(author).post("/v1/change-requests", {**change_of, "title": "A change", "reason": "as decided"})
    change = f"/v1/change-requests/{made['change_request']}"
    reviewer, approval = staff.person("change-reviewer"), {"verdict": "approve", "digest": made["digest"]}
    signed = {"statement_nonce": reviewer.post(f"{change}/statement", approval)["nonce"], "password": WORD}
    reviewer.post(f"{change}/reviews", {**approval, **signed, "expected_revision": made["revision"]})
    reviewer.post(f"{change}/release")
