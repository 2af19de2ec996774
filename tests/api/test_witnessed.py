"""Receipts and witnesses: in soft mode they leave at once, in hard mode not before the quorum, and never for a fork."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.serving import DIRECT
from api.settings import Settings
from governance.questions.verdicts import main, verify_pack
from ledger.checking import CHECKS
from ledger.checkpoint import parse_checkpoint
from ledger.cosignature import CosignatureVerifier
from ledger.errors import BrokenInput
from ledger.note import open_note, parse_vkey, verifier_key
from ledger.policy import Policy, TrustedWitness, format_policy
from ledger.tlog_proof import parse_proof
from ledger.verify.packs import Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.receipt import check_receipt
from ledger.verify.report import Status
from tests.api.organisation import WORD, House, copied
from tests.api.witnessed import WAIT, Scene, witnessed
from tests.api.work import FINANCE, intake, invoice, start, stated, task_of


@pytest.fixture(scope="module")
def hard(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hard")
    with witnessed(copied(founded, folder / "data"), folder, "hard") as scene:
        scene.house.token("budget-owner-1")
        intake(scene.house)
        yield scene


@pytest.fixture
def up(hard: Scene) -> Iterator[Scene]:
    hard.up()
    yield hard
    hard.up()


def cosigners(scene: Scene, receipt: dict[str, Any]) -> list[str]:
    key = scene.witness.keys.keys[0].key
    opened = open_note(receipt["checkpoint"], [CosignatureVerifier(key, CHECKS[key.type])])
    checkpoint = parse_checkpoint(opened.text)
    assert receipt["index"] < receipt["size"] == checkpoint.size
    return [line.name for line in opened.verified]


def metrics(house: House) -> str:
    """What Prometheus is told, by a machine on this host."""
    text: str = TestClient(house.client.app, client=("127.0.0.1", 1)).get("/metrics").text
    assert "muniment_log_size" in text
    return text


def both(scene: Scene) -> list[CosignatureVerifier]:
    return [CosignatureVerifier(one.key, CHECKS[one.key.type]) for one in scene.witness.keys.keys]


def opening(scene: Scene) -> dict[str, Any]:
    data = invoice(scene.house)
    return {
        "blueprint": "invoice-approval",
        "business_key": f"D-{scene.house.count}",
        "data": data,
        "domain": FINANCE,
    }


def test_a_receipt_leaves_with_the_quorum_on_it(up: Scene) -> None:
    answer = up.house.post("/v1/process-instances", intake(up.house), opening(up))
    assert answer.status_code == 200, answer.text
    assert cosigners(up, answer.json()["receipt"]) == [up.witness.keys.name]
    assert [line.name for line in open_note(answer.json()["receipt"]["checkpoint"], both(up)).verified] == (
        [up.witness.keys.name] * 2
    )
    verdict = check_receipt(answer.json()["receipt"], [up.house.service.log.secrets.signer.vkey], CHECKS[1])
    assert verdict.size == answer.json()["receipt"]["size"]


def test_without_the_quorum_the_command_stands_and_its_receipt_comes_later(up: Scene) -> None:
    house, body = up.house, opening(up)
    up.down()
    before, begun = house.size, time.monotonic()
    late = house.post("/v1/process-instances", intake(house), body, headers={"Idempotency-Key": "late"})
    house.refused(late, 503, "NOT_WITNESSED")
    assert WAIT <= time.monotonic() - begun < WAIT + 5
    assert late.headers["retry-after"] == "1"
    assert "receipt" not in late.json()
    assert house.size > before
    stands = house.size
    up.up()
    again = house.post("/v1/process-instances", intake(house), body, headers={"Idempotency-Key": "late"})
    assert again.status_code == 200
    assert house.size == stands  # carried out once
    assert cosigners(up, again.json()["receipt"])
    once_more = house.post("/v1/process-instances", intake(house), body, headers={"Idempotency-Key": "late"})
    assert once_more.json()["instance"] == again.json()["instance"]
    assert once_more.json()["receipt"]["index"] == again.json()["receipt"]["index"]


def test_no_way_out_for_a_receipt_while_the_witness_is_down(up: Scene) -> None:
    house, who = up.house, "budget-owner-1"
    house.token("auditor")
    task = task_of(house, start(house))
    body = stated(house, task, who)
    other = house.get(f"/v1/process-instances/{start(house)}", who).json()["tasks"][0]
    record = {"source": "legacy", "key": "K", "activity": "Received", "occurred_at": "2026-01-01T00:00:00.000000Z"}
    newest = house.size - 1
    up.down()
    change = {"kind": "rule-table", "title": "t", "reason": "r", "source": "no table"}
    sent: list[tuple[str, str, Any]] = [
        ("/v1/process-instances", intake(house), opening(up)),
        (f"/v1/tasks/{other['id']}/claim", who, {"expected_revision": other["revision"]}),
        (f"/v1/tasks/{task['id']}/completion", who, body),
        (f"/v1/tasks/{task['id']}/completion", who, body),  # a refusal by now, recorded
        ("/v1/records", who, {"records": [record]}),
        ("/v1/jobs/activation", who, {"kind": "k", "worker": "w"}),
        ("/v1/change-requests", "process-owner", change),
        ("/v1/sign-in", "", {"account": who, "password": WORD}),
        ("/v1/sign-in", "", {"account": who, "password": "wrong"}),
    ]
    house.tokens.setdefault("process-owner", house.tokens[who])
    seen = set()
    for path, caller, given in sent:
        answer = house.post(path, caller, given)
        assert "receipt" not in answer.json(), (path, answer.text)
        assert "checkpoint" not in answer.text, path
        if answer.status_code == 503:
            house.refused(answer, 503, "NOT_WITNESSED")
            seen.add(path)
    assert {"/v1/process-instances", f"/v1/tasks/{task['id']}/completion", "/v1/sign-in"} <= seen
    for form in ("json", "tlog-proof", "cose"):
        address = f"/v1/ledger/receipts/{house.size - 1}?format={form}"
        house.refused(house.get(address, "auditor"), 503, "NOT_WITNESSED")
    assert house.get(f"/v1/ledger/receipts/{newest}", "auditor").status_code == 200  # witnessed before
    up.up()
    read = house.get(f"/v1/ledger/receipts/{house.size - 1}?proof=1", "auditor")
    assert cosigners(up, read.json())
    verdict = check_receipt(read.json(), [house.service.log.secrets.signer.vkey], CHECKS[1])
    assert verdict.is_included
    proof = parse_proof(house.get(f"/v1/ledger/receipts/{house.size - 1}?format=tlog-proof", "auditor").content)
    assert open_note(proof.note, both(up)).verified
    assert house.get(f"/v1/ledger/receipts/{house.size - 1}?format=cose", "auditor").status_code == 200
    assert house.post("/v1/process-instances", intake(house), opening(up)).status_code == 200


def test_every_direct_way_goes_through_the_writer_that_waits(up: Scene) -> None:
    # One writer serves every route: what a route could reach beside it would be a way around the quorum.
    from api.witnessing import WitnessedWriter

    assert isinstance(up.house.service.writer, WitnessedWriter)
    assert len(DIRECT) > 5
    assert up.house.service.writer.is_open


def test_many_wait_together(up: Scene) -> None:
    from concurrent.futures import ThreadPoolExecutor

    key = intake(up.house)
    bodies = [opening(up) for _ in range(12)]
    asked = len(up.at.came)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda body: up.house.post("/v1/process-instances", key, body), bodies))
    assert [one.status_code for one in answers] == [200] * 12
    assert all(cosigners(up, one.json()["receipt"]) for one in answers)
    assert len(up.at.came) - asked <= 26


def test_a_pack_carries_the_cosigned_checkpoint(up: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = up.house
    instance = start(house)
    body = {"instances": [instance], "purpose": "review", "recipient": "regulator"}
    built = house.post("/v1/evidence-packs", "auditor", body)
    assert built.status_code == 200, built.text
    data = house.get(built.json()["href"], "auditor").content
    trust = Trust(verify_ed25519, parse_vkey(house.service.log.secrets.signer.vkey))
    ours = Policy((), (TrustedWitness("audit", up.witness.keys.keys[1].key),), (), "audit")
    verified = verify_pack(data, trust, ours)
    assert verified.verdicts[2].status is Status.PASSED
    assert verified.witnessed is not None
    assert verified.as_value()["strength"] == f"witnessed by audit up to size {verified.witnessed.size}"
    assert verify_pack(data, trust).as_value()["strength"] == "operator only"
    stranger = Policy((), (TrustedWitness("other", verifier_key("w.example", 4, bytes(32))),), (), "other")
    refused = verify_pack(data, trust, stranger)
    assert refused.verdicts[2].status is Status.FAILED
    assert refused.witnessed is None
    assert "no checkpoint of the pack" in refused.verdicts[2].text
    (tmp_path / "pack.zip").write_bytes(data)
    (tmp_path / "policy").write_bytes(format_policy(stranger))
    vkey = house.service.log.secrets.signer.vkey
    words = [str(tmp_path / "pack.zip"), "--trust", vkey, "--policy", str(tmp_path / "policy")]
    assert main(words, verify_ed25519) == 1
    assert "the quorum of the policy cosigned no checkpoint of the pack" in capsys.readouterr().out


def test_a_witness_that_knows_another_history_stops_receipts_at_once(up: Scene) -> None:
    house = up.house
    house.token("auditor")
    assert house.post("/v1/process-instances", intake(house), opening(up)).status_code == 200
    (client,) = house.service.witnessing.contributors
    up.down()  # first: an answer on its way would take back what is set here
    client.standing.contradiction = "it knows more"  # as `tests.witness.test_split_view` brings about
    begun = time.monotonic()
    answer = house.post("/v1/process-instances", intake(house), opening(up))
    house.refused(answer, 503, "NOT_WITNESSED")
    assert "another history" in answer.json()["detail"]
    assert time.monotonic() - begun < WAIT
    old = house.get("/v1/ledger/receipts/0", "auditor")
    house.refused(old, 503, "NOT_WITNESSED")  # though it was witnessed long ago
    assert house.get("/readyz").json()["witnesses"] == "contradicted"
    assert 'muniment_witness_contradicts{log="acme",witness="audit"} 1.0' in metrics(house)
    up.up()
    for _ in range(100):
        if not client.standing.contradiction:
            break
        time.sleep(0.05)
    assert house.get("/readyz").json()["witnesses"] == "fine"
    assert house.post("/v1/process-instances", intake(house), opening(up)).status_code == 200


def test_soft_mode_alarms_and_goes_on(founded: Settings, tmp_path: Path) -> None:
    with witnessed(copied(founded, tmp_path / "data"), tmp_path, "soft") as scene:
        scene.down()
        house = scene.house
        answer = house.post("/v1/process-instances", intake(house), opening(scene))
        assert answer.status_code == 200
        assert answer.json()["receipt"]["checkpoint"].count("\u2014") == 1  # the log's own line alone
        lag = 'muniment_witness_lag_entries{log="acme",witness="audit"}'
        assert until(house, f"{lag} {float(house.size)}")
        scene.up()
        assert 'muniment_witness_lag_seconds{log="acme",witness="audit"} 0.0' in until(house, f"{lag} 0.0")


def until(house: House, line: str) -> str:
    """The metrics, once they hold this line; empty after ten seconds without it."""
    for _ in range(200):
        told = metrics(house)
        if line in told:
            return told
        time.sleep(0.05)
    return ""


@pytest.mark.parametrize(
    "given",
    [
        {"witness_mode": "hard"},
        {"witness_mode": "medium"},
        {"witnesses": "/nowhere/at/all"},
        {"witnesses": "quorum none\n"},
        {"witnesses": "quorum none\n", "witness_mode": "hard"},
        {"witnesses": "broken\nquorum\n"},
        {"witness_wait": "0"},
        {"witness_wait": "61"},
        {"witness_wait": "1.5"},
        {"witness_wait": ""},
        {"witness_wait": "\u0661"},
    ],
)
def test_settings_that_cannot_hold_are_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(BrokenInput):
        Settings(**given).check_witnesses()
