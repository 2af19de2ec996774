"""Proofs: equal to the recursive oracle, accepted when whole, refused when anything is changed; published vectors."""

import json
from base64 import b64decode
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain import leaf_hash
from ledger.errors import BrokenState, Misuse
from ledger.proof import (
    Inclusions,
    Span,
    check_consistency,
    check_inclusion,
    complete_subtrees,
    plan_consistency,
    plan_inclusion,
    prove_consistency,
    prove_inclusion,
)
from ledger.tree import EMPTY_ROOT, CompactRange, node_hash, root_of
from tests.ledger.oracle import mth, path, subproof
from tests.ledger.published import case_files

LEAVES = [leaf_hash(b"%d" % number) for number in range(256)]
ROOTS = [mth(LEAVES[:size]) for size in range(len(LEAVES) + 1)]


def read(start: int, end: int) -> Sequence[bytes]:
    return LEAVES[start:end]


def other(value: bytes) -> bytes:
    return bytes((value[0] ^ 1,)) + value[1:]


def corrupted(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Proofs that differ from this one: a bit, a missing, doubled, swapped or shortened hash, one too many."""
    for at in range(len(proof)):
        before, after = proof[:at], proof[at + 1 :]
        yield (*before, other(proof[at]), *after)
        yield (*before, *after)
        yield (*before, proof[at], proof[at], *after)
        yield (*before, proof[at][:31], *after)
        yield (*before, proof[at] + b"\x00", *after)
        if after and after[0] != proof[at]:
            yield (*before, after[0], proof[at], *after[1:])
    yield (*proof, bytes(32))
    yield (bytes(32), *proof)
    yield (*proof, b"")


def inclusion_holds_only_whole(index: int, size: int) -> None:
    proof = prove_inclusion(index, size, read)
    leaf, root = LEAVES[index], ROOTS[size]
    assert list(proof) == path(index, LEAVES[:size])
    assert check_inclusion(index, size, leaf, proof, root)
    assert not any(check_inclusion(index, size, leaf, bad, root) for bad in corrupted(proof))
    assert not check_inclusion(index, size, other(leaf), proof, root)
    assert not check_inclusion(index, size, leaf, proof, other(root))
    assert not any(check_inclusion(wrong, size, leaf, proof, root) for wrong in (index - 1, index + 1, size, -1))


def consistency_holds_only_whole(old: int, new: int) -> None:
    proof = prove_consistency(old, new, read)
    old_root, new_root = ROOTS[old], ROOTS[new]
    assert list(proof) == subproof(old, LEAVES[:new])
    assert check_consistency(old, new, old_root, new_root, proof)
    assert not any(check_consistency(old, new, old_root, new_root, bad) for bad in corrupted(proof))
    assert not check_consistency(old, new, other(old_root), new_root, proof)
    assert not check_consistency(old, new, old_root, other(new_root), proof)
    if old != new:
        assert not check_consistency(old, new, new_root, old_root, proof)
        assert not check_consistency(new, old, new_root, old_root, proof)
        assert not check_consistency(old, new, old_root, new_root, ())


@pytest.mark.parametrize("size", range(1, 129))
def test_inclusion_and_consistency(size: int) -> None:
    """Every size to 128, every index and every older size: equal to the oracle, and nothing changed is accepted."""
    for other_size in range(1, size + 1):
        inclusion_holds_only_whole(other_size - 1, size)
        consistency_holds_only_whole(other_size, size)


@pytest.mark.long
@pytest.mark.parametrize("size", range(129, 257))
def test_inclusion_and_consistency_of_larger_sizes(size: int) -> None:
    for other_size in range(1, size + 1):
        inclusion_holds_only_whole(other_size - 1, size)
        consistency_holds_only_whole(other_size, size)


@given(st.integers(1, 128), st.integers(1, 128), st.integers(1, 128))
def test_a_proof_holds_for_its_own_size_only(index: int, size: int, wrong: int) -> None:
    """A proof of one tree shows nothing about a tree of another size and its root."""
    index = (index - 1) % size
    proof = prove_inclusion(index, size, read)
    if wrong != size:
        assert not check_inclusion(index, wrong, LEAVES[index], proof, ROOTS[wrong])


@given(st.integers(1, 256), st.data())
def test_forked_history_has_no_consistency_proof(new: int, data: st.DataObject) -> None:
    """One rewritten entry of the old tree, and neither the honest nor the forger's proof joins the two roots."""
    old = data.draw(st.integers(1, new))
    at = data.draw(st.integers(0, old - 1))
    forged = [*LEAVES[:at], other(LEAVES[at]), *LEAVES[at + 1 : new]]
    forged_root = root_of(forged)
    for reader in (read, lambda start, end: forged[start:end]):
        assert not check_consistency(old, new, ROOTS[old], forged_root, prove_consistency(old, new, reader))


@given(st.integers(1, 2**62), st.data())
def test_plans_of_large_trees(size: int, data: st.DataObject) -> None:
    """A path is never longer than the tree is high, its spans are disjoint, and with the leaf they cover the tree."""
    index = data.draw(st.integers(0, size - 1))
    spans = plan_inclusion(index, size)
    assert len(spans) <= (size - 1).bit_length()
    covered = sorted((*spans, Span(index, index + 1)))
    assert covered[0].start == 0
    assert covered[-1].end == size
    assert all(left.end == right.start for left, right in pairwise(covered))
    assert len(plan_consistency(index + 1, size)) <= size.bit_length() + 1


@given(st.integers(1, 256), st.data())
def test_complete_subtrees_rebuild_a_span(size: int, data: st.DataObject) -> None:
    """A reader of inner nodes comes to the same proof as a reader of leaves."""
    index = data.draw(st.integers(0, size - 1))
    for span in (*plan_inclusion(index, size), *plan_consistency(index + 1, size)):
        subtrees = complete_subtrees(span)
        nodes = tuple(mth(LEAVES[number << level : number + 1 << level]) for level, number in subtrees)
        assert CompactRange(span.end - span.start, nodes).root() == mth(LEAVES[span.start : span.end])


def test_sizes_of_zero() -> None:
    """Refused throughout: an empty tree holds nothing, and everything extends it."""
    assert not check_inclusion(0, 0, LEAVES[0], (), LEAVES[0])
    assert not check_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, ())
    assert not check_consistency(0, 1, EMPTY_ROOT, ROOTS[1], ())
    for old, new in ((0, 0), (0, 1), (2, 1)):
        with pytest.raises(Misuse):
            plan_consistency(old, new)
    for index, size in ((0, 0), (1, 1), (-1, 1)):
        with pytest.raises(Misuse):
            plan_inclusion(index, size)


def test_hashes_of_other_lengths() -> None:
    assert not check_inclusion(0, 1, b"", (), b"")
    assert not check_inclusion(0, 1, bytes(31), (), bytes(31))
    assert not check_consistency(1, 1, b"", b"", ())


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 64])
def test_path_longer_than_the_tree_is_high(size: int) -> None:
    """Hashing on beyond the root comes to a root hash too, of a tree that nobody built with this size."""
    more = leaf_hash(b"more")
    above = node_hash(more, ROOTS[size])
    proof = prove_inclusion(size - 1, size, read)
    assert not check_inclusion(size - 1, size, LEAVES[size - 1], (*proof, more), above)
    proof = prove_consistency(size, size + 1, read)
    above_new = node_hash(more, ROOTS[size + 1])
    assert not check_consistency(size, size + 1, ROOTS[size], above_new, (*proof, more))
    assert not check_consistency(size, size + 1, above, above_new, (*proof, more))


def test_reader_that_gives_too_little() -> None:
    with pytest.raises(BrokenState):
        prove_inclusion(0, 4, lambda start, end: LEAVES[start : end - 1])


@pytest.mark.cases
@pytest.mark.parametrize("file", case_files("merkle-proofs/inclusion", "*.json"))
def test_published_inclusion(file: Path) -> None:
    case = json.loads(file.read_text())
    proof = [b64decode(value) for value in case["proof"] or ()]
    holds = check_inclusion(
        case["leafIdx"], case["treeSize"], b64decode(case["leafHash"] or ""), proof, b64decode(case["root"] or "")
    )
    assert holds is not case["wantErr"]


@pytest.mark.cases
@pytest.mark.parametrize("file", case_files("merkle-proofs/consistency", "*.json"))
def test_published_consistency(file: Path) -> None:
    case = json.loads(file.read_text())
    proof = [b64decode(value) for value in case["proof"] or ()]
    holds = check_consistency(
        case["size1"], case["size2"], b64decode(case["root1"] or ""), b64decode(case["root2"] or ""), proof
    )
    assert holds is not case["wantErr"]


Asked = tuple[int, bytes, tuple[bytes, ...]]
"""An index, a leaf hash, and what is said to be its proof."""


@st.composite
def asked_of(draw: st.DrawFn) -> tuple[int, list[Asked]]:
    """A size, and proofs in it: whole ones in any order and again, corrupted ones, and those of another place."""
    size = draw(st.integers(1, 70))
    asked: list[Asked] = []
    for _ in range(draw(st.integers(1, 40))):
        index = draw(st.integers(0, size - 1))
        proof = prove_inclusion(index, size, read)
        if draw(st.booleans()):
            asked.append((index, LEAVES[index], proof))
            continue
        bad = draw(st.sampled_from(list(corrupted(proof))))
        asked.append((index, LEAVES[index], bad))
        asked.append((draw(st.integers(-1, size)), LEAVES[index], draw(st.sampled_from((proof, bad)))))
        asked.append((index, draw(st.sampled_from((other(LEAVES[index]), LEAVES[index][:31]))), proof))
    return size, asked


@given(asked_of(), st.integers(1, 40), st.booleans())
def test_many_proofs_are_judged_as_each_alone(
    given_: tuple[int, list[Asked]], kept: int, is_root_another: bool
) -> None:
    """Whatever was accepted or refused before, and however little is kept."""
    size, asked = given_
    root = other(ROOTS[size]) if is_root_another else ROOTS[size]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.proof.NODES_MAX", kept)
        tree = Inclusions(size, root)
        for index, leaf, proof in asked:
            assert tree.check(index, leaf, proof) == check_inclusion(index, size, leaf, proof, root)


FEW = [bytes((number,)) * 32 for number in range(3)]
few = st.sampled_from((*FEW, FEW[0][:31], FEW[1] + b"\x01"))


@given(st.integers(1, 9), st.lists(st.tuples(st.integers(-1, 9), few, st.lists(few, max_size=5)), max_size=60))
def test_many_proofs_are_judged_as_each_alone_though_hashes_collide(
    size: int, asked: list[tuple[int, bytes, list[bytes]]]
) -> None:
    """That two nodes have one hash makes no proof right that is wrong, and none wrong that is right."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.proof.node_hash", lambda left, right: FEW[(sum(left) + 2 * sum(right)) // 32 % 3])
        tree = Inclusions(size, FEW[1])
        for index, leaf, proof in asked * 2:
            assert tree.check(index, leaf, proof) == check_inclusion(index, size, leaf, proof, FEW[1])


def test_what_is_shared_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All proofs of a tree cost about as many hashes as the tree has nodes, and none when they are asked again."""
    hashed: list[bytes] = []

    def counted(left: bytes, right: bytes) -> bytes:
        hashed.append(left)
        return node_hash(left, right)

    monkeypatch.setattr("ledger.proof.node_hash", counted)
    size = 200
    tree = Inclusions(size, ROOTS[size])
    proofs = [prove_inclusion(index, size, read) for index in range(size)]
    assert all(tree.check(index, LEAVES[index], proof) for index, proof in enumerate(proofs))
    assert size - 1 <= len(hashed) < 2 * size
    hashed.clear()
    assert all(tree.check(index, LEAVES[index], proof) for index, proof in enumerate(proofs))
    assert not hashed
