"""What a client may follow, and what an entry touches."""

import pytest

from api.live.topics import TOPICS_MAX, parse_topics, touched
from ledger.errors import BrokenInput

INSTANCE = "pi_0198c1b2d3e4f5061728394a5b6c"


def test_topics_are_a_closed_list() -> None:
    assert parse_topics(f"inbox,instance:{INSTANCE},ledger") == {"inbox", "ledger", f"instance:{INSTANCE}"}
    for text in (
        "", ",", "inbox,", "Inbox", "inbox:1", "instance:", "instance:cr_1", "instance:pi_1.2", "instance:pi_%00",
        "task:pi_1", "change:pi_1", "instance:pi_" + "1" * 41, "instance:pi_\u0661",
        ",".join(f"instance:pi_{number}" for number in range(TOPICS_MAX + 1)),
    ):  # fmt: skip
        with pytest.raises(BrokenInput) as raised:
            parse_topics(text)
        assert raised.value.location == "query.topics"


@pytest.mark.parametrize(
    ("kind", "subject", "topics"),
    [
        ("task.claimed", INSTANCE, {f"instance:{INSTANCE}", "inbox", "overview", "ledger"}),
        ("change.edited", "cr_1", {"change:cr_1", "inbox", "ledger"}),
        ("pack.recorded", "pk_1", {"pack:pk_1", "ledger"}),
        ("record.written", "ext_1", {"ledger"}),
        ("refusal.recorded", INSTANCE, {"ledger"}),
    ],
)
def test_an_entry_touches_its_own_and_what_counts_it(kind: str, subject: str, topics: set[str]) -> None:
    assert touched([(kind, subject)]) == topics


def test_no_entry_touches_nothing() -> None:
    assert touched([]) == frozenset()
