"""What has come over a decision is told wherever the decision is: rework that made it void, data corrected since."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from api.routes import decisions, process_instances
from api.settings import Settings
from ledger.reading import View
from ledger.tables import EntryRow
from tests.api.described import differences
from tests.api.organisation import House, running
from tests.api.releasing import release, spend
from tests.api.work import decide, intake, task_of

OWNER, CLERK, DIRECTOR, READER = "budget-owner-1", "accounts-payable-clerk", "finance-director", "auditor"
REWORKED = """\
blueprint: reworked
title: Spending that is gone over again
purpose: Decide once more on what was mended after it was decided.
owner: finance-operations
currency: GBP
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  note: {type: string, class: internal}
start: {by: api, requires: role invoice-intake, key: number}
first: decision
steps:
  decision:
    decide: [approve, refuse]
    authority: approve-invoice
    measure: = amount
    role: role budget-owner
    shows: [number, amount]
    reason: {required: true}
    sign: {meaning: I decide this within my authority, factor: password}
    duties: [not initiator, not author of blueprint]
    next: {approve: mend, refuse: done}
  mend:
    task: Mend it
    role: role accounts-payable
    expects: [note]
    next: again
  again:
    choose:
      - {when: '= note = "again"', next: decision}
      - {otherwise: done}
  done: {end: done}
"""


@pytest.fixture(scope="module")
def house(on_either: Settings) -> Iterator[House]:
    with running(on_either) as house:
        release(house, "blueprint", REWORKED)
        yield house


@pytest.fixture
def decided(house: House) -> tuple[str, str]:
    """An instance after its first decision: its id, and that of the decision."""
    task = spend(house, intake(house), "reworked")
    instance = task.rpartition(".")[0]
    assert decide(house, task_of(house, instance, OWNER), OWNER).status_code == 200
    return instance, task


def told(house: House, path: str) -> Any:
    answer = house.get(path, READER)
    assert answer.status_code == 200, answer.text
    assert differences("GET", path, answer.json()) == []
    return answer.json()


def since(house: House, instance: str, decision: str) -> list[dict[str, Any]]:
    """The same in the list, of the decision itself, and in the history of its instance."""
    (listed,) = [one for one in told(house, "/v1/decisions?limit=100")["items"] if one["id"] == decision]
    one = told(house, f"/v1/decisions/{decision}")
    index = one["entry_index"]
    items = told(house, f"/v1/process-instances/{instance}/history")["items"]
    (item,) = [each for each in items if each["index"] == index]
    assert all(each["since"] is None for each in items if each["decision"] is None)
    return [{name: each[name] for name in ("void_since", "changed_since")} for each in (listed, one, item["since"])]


def test_a_page_reads_so_many_entries_and_says_of_which_decisions_it_has_not_looked(
    house: House, decided: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, decision = decided
    spent = task_of(house, instance, CLERK)
    body = {"data": {"note": "again"}, "shown_digest": spent["shown_digest"]}
    assert house.post(f"/v1/tasks/{spent['id']}/completion", CLERK, body).status_code == 200
    entries = len(told(house, f"/v1/process-instances/{instance}/history?limit=100")["items"])
    for most, is_told in ((entries - 1, False), (entries, True)):
        monkeypatch.setattr(decisions, "LISTED_MAX", most)
        first, *others = told(house, "/v1/decisions?limit=100")["items"]  # the newest first
        assert first["id"] == decision
        assert (first["is_since_told"], first["void_since"] is not None) == (is_told, is_told)
        assert not any(one["is_since_told"] for one in others)
    assert told(house, f"/v1/decisions/{decision}")["is_since_told"]


def test_a_page_of_a_long_history_reads_no_more_than_that_and_says_that_it_has_not_looked(
    house: House, decided: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    instance, decision = decided
    spent = task_of(house, instance, CLERK)
    body = {"data": {"note": "again"}, "shown_digest": spent["shown_digest"]}
    assert house.post(f"/v1/tasks/{spent['id']}/completion", CLERK, body).status_code == 200
    at, index = f"/v1/process-instances/{instance}/history", told(house, f"/v1/decisions/{decision}")["entry_index"]
    entries = told(house, f"{at}?limit=100")["items"]
    before = next(one for one, older in pairwise(entries) if older["index"] == index)["index"]
    cursor = told(house, f"{at}?limit={[one['index'] for one in entries].index(before) + 1}")["cursor"]
    with house.service.reader.view() as view:
        kind = type(view)
    real, read = kind.entry, list[int]()

    def entry(self: View, place: int) -> EntryRow | None:
        read.append(place)
        return real(self, place)

    monkeypatch.setattr(kind, "entry", entry)
    for most, is_told in ((len(entries) - 1, False), (len(entries), True)):
        monkeypatch.setattr(process_instances, "LISTED_MAX", most)
        read.clear()
        [item] = told(house, f"{at}?limit=1&cursor={cursor}")["items"]
        assert item["index"] == index
        assert (item["since"]["is_since_told"], item["since"]["void_since"] is not None) == (is_told, is_told)
        assert (entries[-1]["index"] in read) is is_told  # the first entry of all, which is not on the page


def pages(house: House, instance: str, decision: str) -> list[str]:
    """The certificate, and the compliance records in each form."""
    at = (f"/v1/decisions/{decision}/compliance-record", f"/v1/process-instances/{instance}/compliance-record")
    found = [house.get(f"{one}?format={form}", READER) for one in at for form in ("json", "html")]
    found.append(house.get(f"/v1/decisions/{decision}/certificate", READER))
    assert {one.status_code for one in found} == {200}
    return [one.text for one in found]


def test_nothing_has_come_over_a_decision_that_stands(house: House, decided: tuple[str, str]) -> None:
    assert since(house, *decided) == [{"void_since": None, "changed_since": []}] * 3
    assert not any(said in page for page in pages(house, *decided) for said in ("void since", "changed since"))


def test_a_correction_of_what_was_shown_is_told_and_of_other_data_is_not(
    house: House, decided: tuple[str, str]
) -> None:
    instance, decision = decided
    for values in ({"note": "other"}, {"amount": {"amount": "9.00", "currency": "GBP"}}):
        body = {"values": values, "reason": "misread"}
        assert house.post(f"/v1/process-instances/{instance}/correction", DIRECTOR, body).status_code == 200
    entry = told(house, f"/v1/process-instances/{instance}/history?limit=1")["items"][0]
    listed, one, item = since(house, instance, decision)
    person = listed["changed_since"][0].pop("by")
    assert one["changed_since"][0].pop("by") == person
    assert item["changed_since"][0].pop("by") == DIRECTOR
    expected = {"path": "amount", "entry": entry["index"], "at": entry["recorded_at"]}
    assert [listed, one, item] == [{"void_since": None, "changed_since": [expected]}] * 3
    assert all("changed since" in page for page in pages(house, instance, decision))


def test_rework_makes_it_void_wherever_it_is_told(house: House, decided: tuple[str, str]) -> None:
    instance, decision = decided
    task = task_of(house, instance, CLERK)
    body = {"data": {"note": "again"}, "shown_digest": task["shown_digest"]}
    assert house.post(f"/v1/tasks/{task['id']}/completion", CLERK, body).status_code == 200
    entry = told(house, f"/v1/process-instances/{instance}/history?limit=1")["items"][0]
    void = {"entry": entry["index"], "at": entry["recorded_at"], "step": "decision"}
    assert since(house, instance, decision) == [{"void_since": void, "changed_since": []}] * 3
    assert all("void since" in page for page in pages(house, instance, decision))
