"""Attack 23: keys exchanged inside an evidence pack. Only a key from outside counts; those in a pack are hints."""

from api.packs import BuiltPack
from ledger.pack import json_bytes
from tests.evidence.bank import Bank
from tests.evidence.conftest import bank, pack
from tests.evidence.forging import outsider, resealed, retold, verdicts

__all__ = ["bank", "pack"]


def test_attack_23_a_pack_signed_again_by_the_attacker_is_refused(bank: Bank, pack: BuiltPack) -> None:
    data = pack.data
    thief = outsider(bank.log.origin)
    again = resealed(data, thief.sign_bytes, lambda files: None)
    assert verdicts(data, bank.vkey) == list("PPPPP")
    assert verdicts(again, bank.vkey) == list("PPFPP")
    assert verdicts(again, thief.vkey)[2] == "F", "the log of the pack never enrolled that key either"


def test_attack_23_checkpoints_and_keys_exchanged_as_well_are_refused(bank: Bank, pack: BuiltPack) -> None:
    data = pack.data
    thief = outsider(bank.log.origin)

    def edit(files: dict[str, bytes]) -> None:
        note = files["proofs/checkpoints.jsonl"].decode().partition('"note":"')[2].partition("\\n\\n")[0]
        text = note.replace("\\n", "\n") + "\n"
        files["proofs/checkpoints.jsonl"] = json_bytes({"note": thief.sign_note(text)})

    forged = retold(data, thief.sign_bytes, edit)
    for vkey in (bank.vkey, thief.vkey):
        found = verdicts(forged, vkey)
        assert "F" in found, found
        assert found[2] == "F"
