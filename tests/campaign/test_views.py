"""Attack 4: a split view. Two databases forked from one backup show themselves to one witness of ours, on both
databases. How the log itself hears of it: `tests/witness/test_split_view.py`."""

from pathlib import Path

import pytest

from ledger.checking import check_signature
from ledger.checkpoint import open_checkpoint
from ledger.note import Ed25519Verifier, parse_vkey
from ledger.proof import prove_consistency
from ledger.witnessing import Asked, add_checkpoint_body
from tests.witness.publishing import House
from tests.witness.test_split_view import Copy, Scene
from witness.book import Book
from witness.judging import NOT_EXTENDED, OTHER_ROOT
from witness.service import Reply

BEFORE, OURS = 3, 5  # entries when the backup was taken, and what the first of the two shows afterwards


def show(scene: Scene, house: House, old: int) -> Reply:
    """Show the newest checkpoint of this database to the witness, with its own proof from this size on."""
    with house.reader.view() as view:
        size, note = view.head.size, view.head.checkpoint
        proof = tuple(prove_consistency(old, size, view.leaf_hashes)) if 0 < old < size else ()
    return scene.witness.add_checkpoint(add_checkpoint_body(Asked(old, proof, note)))


@pytest.mark.parametrize(
    ("appended", "kind"),
    [(("toy_a", "toy_b"), OTHER_ROOT), (("toy_a", "toy_b", "toy_c"), NOT_EXTENDED)],
    ids=["of one length", "that grew"],
)
def test_attack_04_of_two_forks_of_one_backup_the_second_is_refused_and_the_evidence_kept(
    scene: Scene, copy: Copy, tmp_path: Path, appended: tuple[str, ...], kind: str
) -> None:
    scene.house.grow("toy_1", "toy_2", "toy_3")
    assert show(scene, scene.house, 0).status == 200
    fork = copy()
    scene.house.grow("toy_4", "toy_5")
    fork.grow(*appended)
    assert show(scene, scene.house, BEFORE).status == 200
    cosigned = scene.witness.book.logs()
    told = show(scene, fork, BEFORE)
    assert (told.status, told.body) == (409, b"%d\n" % OURS), "it goes on from a size that was left behind"
    found = [one.kind for one in scene.witness.book.contradictions()]
    assert found == ([OTHER_ROOT] if kind == OTHER_ROOT else []), "two roots of one size are seen even then"
    refused = show(scene, fork, OURS)
    assert (refused.status, b"\xe2\x80\x94" in refused.body) == (422, False), "not cosigned"
    assert scene.witness.book.logs() == cosigned, "what it cosigned stands"
    book = Book(tmp_path / "w" / "witness.sqlite")  # as who comes later reads it
    (kept,) = book.contradictions()
    book.close()
    assert kept.kind == kind
    key = parse_vkey(scene.house.vkey)
    ours, theirs = (
        open_checkpoint(note, key.name, [Ed25519Verifier(key, check_signature)]).checkpoint
        for note in (kept.ours, kept.theirs)
    )
    assert (ours.size, theirs.size) == (OURS, BEFORE + len(appended)), "both signed by the log's own key"
    assert ours.root != theirs.root
    scene.house.grow("toy_6")
    assert show(scene, scene.house, OURS).status == 200, "the first goes on"
