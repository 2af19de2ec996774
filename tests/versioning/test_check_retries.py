"""What is said of tries: a longest wait below the first, and a last try that a deadline never lets happen."""

from typing import Any

import pytest

from tests.orchestrator.toy import HERE, end, version
from versioning import blueprint as b
from versioning.check_retries import retries
from versioning.notes import Notes


def rules(*steps: b.Step) -> list[str]:
    """The rules that find something."""
    notes = Notes({})
    retries(notes, version(*steps, end()).blueprint)
    return [finding.rule for finding in notes.found]


def call(retry: b.Retry | None, **fields: Any) -> b.CallStep:
    return b.CallStep("a", HERE, operation="x.y", retry=retry, next="done", **fields)


SHORT = b.Retry(2, first="PT10M", limit="PT5M")


@pytest.mark.parametrize(
    ("retry", "found"),
    [
        (SHORT, ["retry.limit"]),
        (b.Retry(2, first="PT10M", limit="PT10M"), []),
        (b.Retry(2, "fixed", first="PT10M", limit="PT5M"), []),  # there the longest wait says nothing
    ],
)
def test_the_longest_wait_is_no_shorter_than_the_first(retry: b.Retry, found: list[str]) -> None:
    assert rules(call(retry)) == found


def test_so_inside_a_list_and_of_what_undoes_where_that_has_tries_of_its_own() -> None:
    each = b.EachStep("e", HERE, of="items", element="item", body=call(SHORT), next="done")
    assert rules(each) == ["retry.limit"]
    assert rules(call(None, undo=call(SHORT))) == ["retry.limit"]
    assert rules(call(SHORT, undo=call(SHORT))) == ["retry.limit"]  # they are the step's, and told once


@pytest.mark.parametrize(
    ("retry", "within", "found"),
    [
        (b.Retry(3, first="PT10M", limit="PT1H"), "PT1H10M", ["retry.deadline"]),  # 10 + 20 + 40 minutes
        (b.Retry(3, first="PT10M", limit="PT1H"), "PT1H11M", []),
        (b.Retry(3, first="PT10M", limit="PT20M"), "PT51M", []),  # 10 + 20 + 20
        (b.Retry(3, "fixed", first="PT10M"), "PT30M", ["retry.deadline"]),
        (b.Retry(3, "fixed", first="PT10M"), "PT31M", []),
        (b.Retry(3, "fixed", first="P9D"), "business P2D", []),  # nobody knows here how long that is
    ],
)
def test_the_last_try_comes_before_the_deadline_that_ends_the_step(
    retry: b.Retry, within: str, found: list[str]
) -> None:
    assert rules(call(retry, deadline=b.Deadline(within))) == found


def test_a_deadline_that_only_tells_people_ends_no_tries() -> None:
    retry = b.Retry(3, "fixed", first="PT10M")
    told = b.Deadline("PT5M", late=(b.Late("PT0S", tell="role ops"),))
    assert rules(call(retry, deadline=told)) == []
    assert rules(call(retry, deadline=told, on_late="done")) == ["retry.deadline"]


def test_undoing_has_no_deadline() -> None:
    undo = call(b.Retry(3, "fixed", first="PT10M"))
    assert rules(call(None, undo=undo, deadline=b.Deadline("PT5M"))) == []
