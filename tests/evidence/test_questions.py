"""Four questions: what satisfies them, what violates them, and what they cannot know."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.evidence import Question, answer_question
from api.packs import BuiltPack
from governance.questions.answer import Answer, Asking, Population, Position, Scope, Verdict
from governance.questions.catalogue import QUESTIONS, ask
from governance.questions.facts import Record, Records
from governance.questions.plain_conditions import holds
from governance.questions.verdicts import packed_of
from governance.rules.compile import compile_expression
from governance.rules.types import ANY
from ledger.canonical import decode, encode
from ledger.errors import BrokenInput, Misuse
from ledger.pack import read_bag, read_json
from ledger.verify.pack_parts import PackParts
from tests.conftest import SetClock
from tests.evidence.bank import Bank, Change
from tests.evidence.conftest import INSTANCE, live, open_bank

ASKING = Asking("person:b", "2026-11-22T00:00:00.000000Z", "test")


@pytest.fixture(scope="module")
def scope(pack: BuiltPack) -> Scope:
    packed = packed_of(PackParts(read_bag(pack.data)))
    return Scope(packed.records, INSTANCE, packed.position, ASKING, packed.proofs, packed.counts, is_key_given=True)


def with_records(scope: Scope, keep: Callable[[Record], bool], **changes: Any) -> Scope:
    records = Records(record for record in scope.records if keep(record))
    return Scope(
        records, changes.get("instance", scope.instance), scope.position, scope.asking, scope.proofs, scope.counts,
        changes.get("is_key_given", True),
    )  # fmt: skip


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_satisfied_with_everything_at_hand(scope: Scope, question: str) -> None:
    answer = ask(question, scope)
    assert answer.verdict is Verdict.SATISFIED, answer.findings
    value = answer.as_value()
    assert decode(encode(value)) == value  # canonical data
    assert value["rows"]
    assert all(row["evidence"] for row in value["rows"])
    assert value["definition_digest"] == QUESTIONS[question][0].digest
    assert value["known_at"] == scope.position.size
    assert all(clause["edition"] for clause in value["clauses"])


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_an_empty_list_is_no_answer(scope: Scope, question: str) -> None:
    nothing = Scope(Records([]), "pi_none", scope.position, ASKING, {}, {}, is_key_given=True)
    answer = ask(question, nothing)
    assert answer.verdict is Verdict.NOT_DETERMINABLE
    assert any(finding.severity.value == "gap" for finding in answer.findings)


def test_an_answer_without_rows_and_reason_cannot_be_made(scope: Scope) -> None:
    with pytest.raises(Misuse):
        Answer(QUESTIONS["Q01"][0], scope, "", Population("", (), 0), (), ())


def test_q01_tells_authority_limit_and_paper(scope: Scope) -> None:
    (row,) = ask("Q01", scope).as_value()["rows"]
    assert (row["person"], row["grant"], row["outcome"]) == ("person:c", "ag_2", "approve")
    assert row["limit"]["max"] == "100000.00"
    assert row["headroom"] == "40000.00"
    assert [link[0] for link in row["chain"]] == ["ag_2", "ag_1"]
    assert row["instruments"][0]["number"] == "2026/3"
    assert {part["part"]: part["status"] for part in row["derived_again"]}["authority"] == "passed"


def test_q01_without_the_whole_register_cannot_say(scope: Scope) -> None:
    answer = ask("Q01", with_records(scope, lambda record: record.subject != "ag_1"))
    assert answer.verdict is Verdict.NOT_DETERMINABLE


def test_q11_says_how_strong_it_is(scope: Scope) -> None:
    notes = [finding.text for finding in ask("Q11", scope).findings if finding.rule == "strength"]
    assert notes[0].startswith("operator only")


def test_q11_finds_an_entry_that_is_not_in_the_tree(scope: Scope) -> None:
    first = scope.records.of(INSTANCE)[0]
    altered = Record(first.index, "A" * 43, first.entry)
    others = [record for record in scope.records if record.index != first.index]
    changed = Scope(Records([altered, *others]), INSTANCE, scope.position, ASKING, scope.proofs, scope.counts)
    assert ask("Q11", changed).verdict is Verdict.VIOLATED


def test_q16_needs_a_key_from_outside(scope: Scope) -> None:
    assert ask("Q16", with_records(scope, lambda _: True, is_key_given=False)).verdict is Verdict.NOT_DETERMINABLE


def test_q16_finds_the_last_entry_left_out(scope: Scope) -> None:
    last = scope.records.of(INSTANCE)[-1].index
    assert ask("Q16", with_records(scope, lambda record: record.index != last)).verdict is Verdict.VIOLATED


def test_q16_finds_the_first_entry_left_out(scope: Scope) -> None:
    first = scope.records.of(INSTANCE)[0].index
    assert ask("Q16", with_records(scope, lambda record: record.index != first)).verdict is Verdict.VIOLATED


def test_q30_names_author_and_approver(scope: Scope) -> None:
    (row,) = ask("Q30", scope).as_value()["rows"]
    assert (row["authors"], [one["person"] for one in row["approvals"]]) == (["person:a"], ["person:b"])
    assert row["changed"]["text"] == "the first version"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Callable[[Change], dict[str, Any]]]:
    """Answers of a bank that recorded something else, by question."""
    banks: list[Bank] = []

    def tell(change: Change) -> dict[str, Any]:
        bank = open_bank(tmp_path, SetClock(), changes=(change,))
        banks.append(bank)
        live(bank)
        with bank.reader.view() as view:
            return {q: answer_question(view, Question(q, INSTANCE, ASKING, bank.vkey)) for q in QUESTIONS}

    yield tell
    for bank in banks:
        bank.close()


def test_an_author_who_approves_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("change.reviewed", ("payload", "person"), "person:a"))
    assert answers["Q30"].verdict is Verdict.VIOLATED
    assert answers["Q01"].verdict is Verdict.SATISFIED


def test_an_approval_of_another_text_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("change.reviewed", ("payload", "digest"), "another"))
    assert answers["Q30"].verdict is Verdict.VIOLATED


def test_a_source_that_was_not_approved_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("change.proposed", ("payload", "source"), "blueprint: other\n"))
    assert answers["Q30"].verdict is Verdict.VIOLATED
    assert [finding.rule for finding in answers["Q30"].findings] == ["digest"]


def test_a_decision_above_the_limit_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("task.completed", ("payload", "decision", "measure", "amount"), "600000.00"))
    assert answers["Q01"].verdict is Verdict.VIOLATED
    assert any("LIMIT" in finding.text for finding in answers["Q01"].findings)


def test_a_decider_who_started_the_instance_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("instance.started", ("payload", "transitions", 0, "initiator"), "person:c"))
    assert any("SOD" in finding.text for finding in answers["Q01"].findings)


def test_a_step_out_of_order_is_found(told: Callable[[Change], dict[str, Any]]) -> None:
    answers = told(Change("instance.started", ("payload", "transitions", 6, "to"), "approved"))
    assert answers["Q16"].verdict is Verdict.VIOLATED


def test_asked_of_the_log_itself(bank: Bank, pack: BuiltPack) -> None:
    """The same verdicts as in the pack, at the present position; an unknown instance is broken input."""
    with bank.reader.view() as view:
        for question in QUESTIONS:
            answer = answer_question(view, Question(question, INSTANCE, ASKING, bank.vkey))
            assert answer.verdict is Verdict.SATISFIED, answer.findings
        assert answer_question(view, Question("Q16", INSTANCE, ASKING)).verdict is Verdict.NOT_DETERMINABLE
        with pytest.raises(BrokenInput):
            answer_question(view, Question("Q01", "pi_none", ASKING))


def test_the_pack_holds_the_answers(pack: BuiltPack) -> None:
    payload = read_bag(pack.data).payload
    verdicts = {question: read_json(payload[f"answers/{question}.json"])[0]["verdict"] for question in QUESTIONS}
    assert verdicts == {"Q01": "satisfied", "Q11": "satisfied", "Q16": "not_determinable", "Q30": "satisfied"}


values = st.one_of(st.integers(-9, 9), st.booleans(), st.sampled_from(["a", "b"]))
literals = st.one_of(st.integers(-9, 9).map(str), st.sampled_from(["1.5", "-0.25", "true", "false", '"a"', '"b"']))
comparisons = st.builds(
    lambda path, operator, literal: f"{path} {operator} {literal}",
    st.sampled_from(["risk.grade", "kind", "open"]),
    st.sampled_from(["<=", "<", ">=", ">", "=", "!="]),
    literals,
)


@given(st.lists(comparisons, min_size=1, max_size=3), values, values, values)
def test_conditions_read_twice_mean_the_same(parts: list[str], grade: Any, kind: Any, is_open: Any) -> None:
    """What the verifier's small reading answers, the rule language answers too."""
    data = {"risk": {"grade": grade}, "kind": kind, "open": is_open}
    source = " and ".join(parts)
    told = holds(source, data)
    if told is not None:
        expected = compile_expression(source, dict.fromkeys(data, ANY)).evaluate(data)
        assert (expected is True) is told


@pytest.mark.parametrize(
    "source",
    [
        "risk.grade <= limit",
        "count(x) > 1",
        "not(open)",
        "risk.grade in [1..3]",
        "a or b",
        "missing = 1",
        "today() < ends",
        "",
    ],
)
def test_conditions_beyond_the_small_reading_are_not_run(source: str) -> None:
    assert holds(source, {"risk": {"grade": 1}, "open": True, "a": True, "b": True}) is None


def test_a_sealed_value_is_not_guessed() -> None:
    assert holds("income > 1", {"income": {"$commitment": "1.x"}}) is None


def test_position_is_part_of_an_answer() -> None:
    assert Position("log", 3, "root", "note").as_value()["size"] == 3
