"""How many entries a subject has, or that it has none: the tree's proofs, the file, the route, the runner, the verifier
that counts again."""

import argparse
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cli_verify
from api.running import Counting
from ledger import completeness
from ledger.actor import SYSTEM
from ledger.canonical import b64url, encode, from_b64url
from ledger.chain import leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.completeness import COUNT_AFTER, COUNT_EVERY, CountSubjects, is_due
from ledger.counts import Count, CountTree, SubjectProof, check_subject, count_in_order
from ledger.entry import parse_entry
from ledger.errors import BrokenInput
from ledger.evidence import CountTrees, counts_before, newest_count, subject_proof, walk_max
from ledger.tree import EMPTY_ROOT
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.subject_proof import check_subject_proof
from ledger.work import Request
from tests.conftest import SetClock
from tests.evidence.bank import Bank
from tests.evidence.conftest import INSTANCE, live, open_bank
from tests.evidence.scenes import noise, start

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=3)
Proof = dict[str, Any]


def tree_of(subjects: dict[str, int]) -> CountTree:
    return CountTree(Count(name, n, sha256(name.encode()).digest()) for name, n in subjects.items())


@given(st.dictionaries(names, st.integers(1, 9), max_size=9), names)
def test_a_subject_is_there_or_proved_absent(subjects: dict[str, int], asked: str) -> None:
    tree = tree_of(subjects)
    proof = tree.look_up(asked)
    assert check_subject(asked, proof, tree.total, tree.root) == subjects.get(asked, 0)
    in_order = sorted(subjects, key=str.encode)
    streamed = count_in_order(Count(name, subjects[name], sha256(name.encode()).digest()) for name in in_order)
    assert (streamed.size, streamed.root()) == (tree.total, tree.root)


@given(st.dictionaries(names, st.integers(1, 9), min_size=1, max_size=9), names, st.data())
def test_nothing_else_is_proved(subjects: dict[str, int], asked: str, data: st.DataObject) -> None:
    """Neighbours that do not stand side by side, of another tree or total, or beyond the edge prove no absence."""
    tree = tree_of(subjects)
    present = data.draw(st.sampled_from(sorted(subjects)))
    found = tree.look_up(present).present
    assert found is not None
    assert check_subject(asked, SubjectProof(None, found, found), tree.total, tree.root) is None
    assert check_subject(present, SubjectProof(None, None, found), tree.total, tree.root) is None
    assert check_subject(present, SubjectProof(found, found), tree.total, tree.root) is None
    assert check_subject(present, SubjectProof(found), tree.total + 1, tree.root) is None
    assert check_subject(asked, SubjectProof(None), tree.total, tree.root) is None
    proof = tree.look_up(asked)
    for name, neighbour in (("before", proof.before), ("after", proof.after)):
        if neighbour is not None:
            assert check_subject(asked, proof._replace(**{name: None}), tree.total, tree.root) is None
            moved = neighbour._replace(place=neighbour.place + 1)
            assert check_subject(asked, proof._replace(**{name: moved}), tree.total, tree.root) is None
    other = tree_of({**subjects, asked: 10})
    assert check_subject(asked, proof, other.total, other.root) is None


def test_the_smallest_trees() -> None:
    nobody = tree_of({})
    assert (nobody.total, nobody.root, nobody.look_up("s")) == (0, EMPTY_ROOT, SubjectProof(None))
    assert check_subject("s", SubjectProof(None), 0, EMPTY_ROOT) == 0
    assert check_subject("s", SubjectProof(None), 0, b"\0" * 32) is None
    one = tree_of({"m": 3})
    assert check_subject("m", one.look_up("m"), 1, one.root) == 3
    for asked, names_of in (("a", (False, True)), ("z", (True, False))):
        proof = one.look_up(asked)
        assert (proof.before is not None, proof.after is not None) == names_of
        assert check_subject(asked, proof, 1, one.root) == 0
    assert one.look_up("m\0").before is not None  # right behind it, by its bytes


def test_a_count_is_due_after_a_day_or_enough_entries() -> None:
    day = COUNT_EVERY
    assert not is_due(day, 1, (0, 0, 0)), "nothing was written since"
    assert is_due(day, 2, (0, 0, 0))
    assert not is_due(day - 1, COUNT_AFTER, (0, 0, 0))
    assert is_due(0, COUNT_AFTER + 1, (0, 0, 0))
    assert not is_due(0, COUNT_AFTER + 1, (0, 0, COUNT_AFTER + 1)), "as many entries as there are subjects to read"


@pytest.fixture
def own_bank(tmp_path: Path) -> Iterator[tuple[Bank, SetClock]]:
    clock = SetClock()
    bank = open_bank(tmp_path / "bank", clock)
    live(bank)
    yield bank, clock
    bank.close()


def count(bank: Bank) -> int:
    receipt = bank.room.run(Request(SYSTEM, CountSubjects("bank"))).receipt
    assert receipt is not None
    return receipt.index


def test_the_runner_counts_once_a_day(own_bank: tuple[Bank, SetClock]) -> None:
    bank, clock = own_bank
    counting = Counting(bank.reader, clock)
    assert counting.due() == []
    clock.pass_time(COUNT_EVERY)
    assert counting.due() == [CountSubjects("bank")]
    index = count(bank)
    assert counting.due() == []
    with bank.reader.view() as view:
        assert newest_count(view) is not None
        assert newest_count(view)[0] == index  # type: ignore[index]
    clock.pass_time(COUNT_EVERY)
    assert counting.due() == [], "nothing was written since the count"
    noise(bank, 1)
    assert Counting(bank.reader, clock).due() == [CountSubjects("bank")]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bank, int]]:
    """A bank that was counted and went on, with subjects that were there and some that came later."""
    bank = open_bank(tmp_path_factory.mktemp("counted"), SetClock())
    live(bank)
    index = count(bank)
    noise(bank, 20)
    start(bank, "pi_later")
    yield bank, index
    bank.close()


def proof_of(bank: Bank, index: int, subject: str) -> Proof:
    with bank.reader.view() as view:
        value: Proof = json.loads(json.dumps(subject_proof(view, CountTrees(), subject, index)))
        return value


def vkey_of(bank: Bank) -> str:
    return bank.room.log.secrets.signer.vkey


def plain_counts(bank: Bank, index: int) -> dict[str, int]:
    found: dict[str, int] = {}
    with bank.reader.view() as view:
        for row in view.entries(0, index):
            subject = parse_entry(row.bytes).subject
            found[subject] = found.get(subject, 0) + 1
    return found


def test_every_subject_at_a_stated_count(counted: tuple[Bank, int]) -> None:
    bank, index = counted
    plain = plain_counts(bank, index)
    with bank.reader.view() as view:
        size = view.head.size
    later = plain_counts(bank, size).keys() - plain.keys()
    assert later, "expected a subject that began after the count"
    for subject in [*plain, *later, "\x01", "\uffff", "nobody"]:
        verdict = check_subject_proof(proof_of(bank, index, subject), [vkey_of(bank)], verify_ed25519)
        assert (verdict.subject, verdict.entries, verdict.counted) == (subject, plain.get(subject, 0), index)
        assert verdict.size == size


CHANGES: list[tuple[str, Callable[[Proof], Any]]] = [
    ("another subject", lambda proof: proof.update(subject="nobody")),
    ("a count one higher", lambda proof: proof["present"].update(entries=proof["present"]["entries"] + 1)),
    ("another place", lambda proof: proof["present"].update(place=proof["present"]["place"] + 1)),
    ("another last leaf", lambda proof: proof["present"].update(last_leaf=b64url(b"\0" * 32))),
    ("a hash of 31 bytes", lambda proof: proof["present"].update(last_leaf=b64url(b"\0" * 31))),
    ("a path cut short", lambda proof: proof["path"].pop()),
    ("a path that is longer", lambda proof: proof["path"].append(b64url(b"\0" * 32))),
    ("a path without end", lambda proof: proof.update(path=[b64url(b"\0" * 32)] * 65)),
    ("a count path cut short", lambda proof: proof["present"]["path"].pop()),
    ("no count at all", lambda proof: proof.update(present=None)),
    ("both there and absent", lambda proof: proof.update(before=proof["present"])),
    ("an entry that is none", lambda proof: proof.update(counted=b64url(b"{}"))),
    ("bytes that are not canonical", lambda proof: proof.update(counted=b64url(b'{"index" : 1}'))),
    ("another member", lambda proof: proof.update(total=3)),
    ("a member less", lambda proof: proof.pop("after")),
    ("a subject that is no text", lambda proof: proof.update(subject="\ud800")),
    ("a count of nothing", lambda proof: proof["present"].update(entries=0)),
    ("a count that is true", lambda proof: proof["present"].update(entries=True)),
    ("another checkpoint's text", lambda proof: proof.update(checkpoint=proof["checkpoint"].replace("\n", "\n1", 1))),
    ("no note", lambda proof: proof.update(checkpoint="")),
]


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_a_file_that_proves_nothing_is_refused(
    counted: tuple[Bank, int], what: str, change: Callable[[Proof], Any]
) -> None:
    proof = proof_of(*counted, INSTANCE)
    change(proof)
    with pytest.raises(BrokenInput):
        raise AssertionError(what, check_subject_proof(proof, [vkey_of(counted[0])], verify_ed25519))


@pytest.mark.parametrize("member", [{"payload": {"size": 7}}, {"kind": "subjects.reckoned"}, {"origin": "elsewhere"}])
def test_an_entry_that_does_not_count_everything_before_it_is_refused(
    counted: tuple[Bank, int], member: dict[str, Any]
) -> None:
    """The operator's own lie: entry, tree and signature hold, and still it is no count of all entries before it."""
    bank, index = counted
    proof = proof_of(bank, index, INSTANCE)
    value = json.loads(from_b64url(proof["counted"]))
    value = {**value, "index": 0, "payload": {**value["payload"], "size": 0}}
    payload = {**value["payload"], **member.get("payload", {})}
    data = encode({**value, **member, "payload": payload})
    signer = bank.room.log.secrets.signer
    note = signer.sign_note(format_checkpoint(Checkpoint(bank.room.log.origin, 1, leaf_hash(data))))
    forged = {**proof, "counted": b64url(data), "path": [], "checkpoint": note}
    with pytest.raises(BrokenInput, match="counts the subjects"):
        check_subject_proof(forged, [signer.vkey], verify_ed25519)


def test_no_key_no_proof(counted: tuple[Bank, int]) -> None:
    proof = proof_of(*counted, INSTANCE)
    with pytest.raises(BrokenInput, match="of no log"):
        check_subject_proof(proof, [], verify_ed25519)


def test_a_count_that_lies_too_far_back_is_refused(counted: tuple[Bank, int], monkeypatch: pytest.MonkeyPatch) -> None:
    bank, _ = counted
    monkeypatch.setattr("ledger.evidence.COUNT_AFTER", 1)
    with bank.reader.view() as view:
        subjects = len(view.query("SELECT subject FROM subject WHERE log_id = {log}"))
        assert walk_max(subjects) == 2 * subjects
        with pytest.raises(BrokenInput, match="entries back"):
            counts_before(view, view.head.size - walk_max(subjects) - 1)
    assert walk_max(0) == 2
    assert completeness.COUNT_AFTER == COUNT_AFTER


def test_what_is_no_count_is_refused(counted: tuple[Bank, int]) -> None:
    for index in (0, counted[1] + 1, 10_000_000):
        with pytest.raises(BrokenInput, match="counts subjects"):
            proof_of(counted[0], index, INSTANCE)


def test_the_tree_asked_for_last_is_kept(counted: tuple[Bank, int]) -> None:
    bank, index = counted
    trees = CountTrees()
    with bank.reader.view() as view:
        assert trees.before(view, index) is trees.before(view, index)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_command(
    counted: tuple[Bank, int], form: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, index = counted
    file = tmp_path / "proof.json"
    asked = ["--subject-proof", str(file), "--vkey", vkey_of(bank), *form]

    def run(subject: str) -> tuple[int, str]:
        file.write_text(json.dumps(proof_of(bank, index, subject)))
        status = cli_verify.run("verify", argparse.ArgumentParser(), asked)
        return status, capsys.readouterr().out

    status, said = run(INSTANCE)
    assert status == 0
    assert (json.loads(said)["entries"] > 1) if form else ("entries among the first" in said)
    status, said = run("nobody")
    assert status == 0
    assert (json.loads(said)["entries"] == 0) if form else ("has no entry among" in said)
    file.write_text("[]")
    assert cli_verify.run("verify", argparse.ArgumentParser(), asked) == 1
    assert "expected a proof of a subject's count" in capsys.readouterr().out
    with pytest.raises(BrokenInput, match="vouch"):
        cli_verify.run("verify", argparse.ArgumentParser(), ["--subject-proof", str(file)])
