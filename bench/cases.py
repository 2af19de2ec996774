"""Whole cases of the bench's office, many side by side in one batch: how a log fills with permits and decisions."""

from typing import Any

from api.founding import done
from bench.office import CommandIds, Office, activate, case
from ledger.batch import Result
from ledger.work import Answer
from ledger.writer import Desk

AT_ONCE = 50  # cases that share their commits


def live(office: Office, desk: Desk, count: int) -> None:
    """`count` cases from start to end."""
    ids = CommandIds()
    for first in range(0, count, AT_ONCE):
        _together(office, desk, ids, [f"C-{first + n}" for n in range(min(AT_ONCE, count - first))])


def _together(office: Office, desk: Desk, ids: CommandIds, numbers: list[str]) -> None:
    cases = [case(office, number) for number in numbers]
    sent = [next(one) for one in cases]
    instances: list[str] = []
    while sent:
        if sent[0][1] is None:  # all of them wait for their job
            [leased] = desk.run([ids.request(office.worker, activate(len(sent)))])
            jobs = {job["job"].partition(".")[0]: job for job in _said(leased)["jobs"]}
            said = [jobs[instance] for instance in instances]
        else:
            said = [_said(one) for one in desk.run([ids.request(*one) for one in sent])]
            instances = instances or [one["instance"] for one in said]
        sent = [following for one, answer in zip(cases, said, strict=True) if (following := _step(one, answer))]


def _step(one: Any, answer: dict[str, Any]) -> Any:
    """What a case sends next; None when it is over, as all are after the same step."""
    try:
        return one.send(answer)
    except StopIteration:
        return None


def _said(result: Result) -> dict[str, Any]:
    if not isinstance(result, Answer):
        raise result
    return dict(done(result).result)
