"""Proofs from one tree in memory, and the count of subjects: held against the ledger's own proofs and a plain count."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import b64url
from ledger.counts import COUNTED, Count, CountTree, check_count
from ledger.entry import parse_entry
from ledger.evidence import counts_before
from ledger.levels import Levels
from ledger.proof import check_consistency, prove_consistency, prove_inclusion
from ledger.tree import root_of
from tests.evidence.bank import Bank
from tests.evidence.scenes import noise


def leaves(size: int) -> list[bytes]:
    return [sha256(b"%d" % n).digest() for n in range(size)]


@given(st.integers(1, 300), st.data())
def test_levels_prove_what_the_ledger_proves(size: int, data: st.DataObject) -> None:
    all_leaves = leaves(size)
    levels = Levels(all_leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert levels.root == root_of(all_leaves)
    assert levels.inclusion(index) == prove_inclusion(index, size, lambda start, end: all_leaves[start:end])
    proof = levels.consistency(old)
    assert proof == prove_consistency(old, size, lambda start, end: all_leaves[start:end])
    assert check_consistency(old, size, levels.first(old).root, levels.root, proof)


counts = st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=5), st.integers(1, 9), min_size=1)


@given(counts, st.randoms())
def test_a_count_is_proved_and_no_other(subjects: dict[str, int], random: object) -> None:
    made = [Count(subject, n, sha256(subject.encode()).digest()) for subject, n in subjects.items()]
    tree = CountTree(made)
    assert tree.root == CountTree(reversed(made)).root
    for count in made:
        proof = tree.prove(count.subject)
        assert proof is not None
        assert check_count(proof, tree.root)
        assert not check_count(proof._replace(counted=count._replace(entries=count.entries + 1)), tree.root)
        assert not check_count(proof._replace(counted=count._replace(last_leaf=b"\0" * 32)), tree.root)
        assert not check_count(proof._replace(counted=count._replace(subject=count.subject + "x")), tree.root)
    assert tree.prove("nobody of this name") is None


def test_a_count_is_found_again_after_its_subjects_went_on(bank: Bank, pack: object) -> None:
    """The tree at the time of the count is rebuilt from the log as it is now."""
    with bank.reader.view() as view:
        (counted,) = [
            (row.idx, parse_entry(row.bytes))
            for row in view.history("log:bank")
            if parse_entry(row.bytes).kind == COUNTED
        ][:1]
    noise(bank, 20)
    with bank.reader.view() as view:
        tree = counts_before(view, counted[0])
        plain: dict[str, int] = {}
        for row in view.entries(0, counted[0]):
            subject = parse_entry(row.bytes).subject
            plain[subject] = plain.get(subject, 0) + 1
    assert b64url(tree.root) == counted[1].payload["root"]
    assert counted[1].payload["size"] == counted[0] == sum(plain.values())
    for subject, entries in plain.items():
        proof = tree.prove(subject)
        assert proof is not None
        assert proof.counted.entries == entries
