"""The door end to end: sign-in, change control, work, figures and proofs agree with what stands in the ledger."""

from base64 import b64decode
from collections import Counter
from typing import Any

import pytest

from api.door import TRIES_MAX, Tries
from api.gauges import Gauge, gauges_of
from api.identity import service as identity
from examples.organisation.files import artefact_files
from ledger.canonical import from_b64url
from ledger.chain import leaf_hash
from ledger.checkpoint import parse_checkpoint
from ledger.note import parse_note
from ledger.proof import check_consistency, check_inclusion
from tests.api.organisation import SERVICES, WORD, House, Unlimited
from tests.api.releasing import SPENDING
from tests.api.work import FINANCE, decide, intake, start, stated, task_of

TABLE = artefact_files(SERVICES)["rule-tables/match-outcome.yaml"].replace("match-outcome", "match-again")


def propose(house: House, source: str, **more: Any) -> dict[str, Any]:
    body = {"kind": "person", "source": source, "title": "A person", "reason": "needed", **more}
    answer = house.post("/v1/change-requests", "process-owner", body)
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    return value


# Sign-in


def test_sign_in_renewal_and_sign_out(house: House) -> None:
    house.token("incident-handler")
    body = {"account": "incident-handler", "password": WORD, "log": "acme"}
    token = house.client.post("/v1/sign-in", json=body).json()["token"]
    me = house.get("/v1/me", token).json()
    assert me["actor"]["person"] == house.person("incident-handler")
    assert "incident-handler" in me["roles"]["organisation"] or me["roles"]
    renewed = house.post("/v1/sign-in/renewal", token).json()["token"]
    house.refused(house.get("/v1/me", token), 401, "BAD_CREDENTIALS")
    assert house.get("/v1/me", renewed).status_code == 200
    assert house.post("/v1/sign-out", renewed).json()["outcome"] == "ended"
    house.refused(house.get("/v1/me", renewed), 401, "BAD_CREDENTIALS")


def test_an_unknown_account_and_a_wrong_password_sound_alike(house: House) -> None:
    house.token("intake-clerk")
    tries = [
        {"account": "intake-clerk", "password": "not the password"},
        {"account": "nobody-here", "password": "not the password"},
        {"account": "intake-clerk", "password": WORD, "log": "another"},
    ]
    bodies = [house.refused(house.client.post("/v1/sign-in", json=one), 401, "BAD_CREDENTIALS") for one in tries]
    assert all(body == bodies[0] for body in bodies)


def test_tries_are_limited(house: House) -> None:
    house.service.door.tries = Tries()
    try:
        body = {"account": "many-tries", "password": "x"}
        # Two minutes' worth and one, since a minute may end meanwhile.
        answers = [house.client.post("/v1/sign-in", json=body) for _ in range(2 * TRIES_MAX + 1)]
    finally:
        house.service.door.tries = Unlimited()
    limited = next(answer for answer in answers if answer.status_code != 401)
    house.refused(limited, 429, "RATE_LIMITED")
    assert 1 <= int(limited.headers["retry-after"]) <= 61


def test_a_password_is_changed_with_the_present_one(house: House) -> None:
    token = house.token("register-keeper")
    body = {"account": "register-keeper", "password": "another good passphrase", "present": WORD}
    wrong = house.client.post("/v1/password", json={**body, "present": "wrong"})
    house.refused(wrong, 401, "BAD_CREDENTIALS")
    weak = house.client.post("/v1/password", json={**body, "password": "short"})
    house.refused(weak, 400, "MALFORMED")
    both = house.client.post("/v1/password", json={**body, "code": "x"})
    house.refused(both, 400, "MALFORMED")
    assert house.client.post("/v1/password", json=body).status_code == 200
    house.refused(house.get("/v1/me", token), 401, "BAD_CREDENTIALS")  # sessions of the former password are over


def test_a_key_is_narrower_than_its_actor_and_ends_at_once(house: House) -> None:
    key = house.key("svc:invoice-intake", "invoice-intake", domain="lending")
    body = {"blueprint": "invoice-approval", "business_key": "D-x", "data": {}, "domain": FINANCE}
    house.refused(house.post("/v1/process-instances", key, body), 403, "NO_RULE")
    key = house.key("svc:invoice-intake", "invoice-intake", domain=FINANCE)
    assert house.get("/v1/me", key).status_code == 200
    house.run(identity.RevokeApiKey(key.split("_")[2]))
    house.refused(house.get("/v1/me", key), 401, "BAD_CREDENTIALS")


# Change control


def test_own_changes_stale_approvals_and_revisions(house: House) -> None:
    made = propose(house, "person: new-one\nname: New One\n")
    change, at = made["change_request"], f"/v1/change-requests/{made['change_request']}"
    approve = {"verdict": "approve", "digest": made["digest"]}
    own = house.post(f"{at}/reviews", "process-owner", {**approve, "expected_revision": 1})
    house.refused(own, 403, "NO_RULE")
    missing = house.post(f"{at}/reviews", "change-reviewer", approve)
    assert house.refused(missing, 400, "MALFORMED")["location"] == "body.expected_revision"
    stale = house.post(f"{at}/reviews", "change-reviewer", {**approve, "expected_revision": 7})
    assert house.refused(stale, 409, "STALE_REVISION")["details"]["revision"] == "1"
    done = house.review(at, "change-reviewer", approve, headers={"If-Match": '"1"'})
    assert done.json()["status"] == "approved"
    edited = house.call(
        "PUT",
        f"{at}/source",
        "process-owner",
        json={"source": "person: new-one\nname: Newer\n", "expected_revision": 2},
    )
    assert edited.status_code == 200, edited.text
    house.refused(house.post(f"{at}/release", "change-reviewer"), 409, "NOT_APPROVED")
    late = house.post(f"{at}/reviews", "change-reviewer", {**approve, "expected_revision": 3})
    house.refused(late, 409, "APPROVAL_STALE")
    read = house.get(at, "auditor")
    assert read.headers["etag"].startswith('"3-')
    assert [one["standing"] for one in read.json()["reviews"]] == ["stale"]
    assert read.json()["approvals"] == 0
    fresh = {"verdict": "approve", "digest": read.json()["digest"], "expected_revision": 3}
    assert house.review(at, "change-reviewer", fresh).status_code == 200
    assert house.post(f"{at}/release", "change-reviewer").json()["status"] == "released"
    found = house.get("/v1/change-requests?status=released&kind=person&limit=1", "auditor").json()
    assert [one["id"] for one in found["items"]] == [change]
    assert house.person("new-one")


def test_what_a_reader_may_not_read_is_a_commitment_with_the_reason(house: House) -> None:
    made = propose(house, "person: hidden-one\nname: Hidden One\n")
    at = f"/v1/change-requests/{made['change_request']}"
    source = house.get(at, "auditor").json()["source"]  # auditors read confidential fields, not personal ones
    assert source["reason"] == "CLASS_NOT_READABLE"
    assert "Hidden" not in house.get(at, "auditor").text + house.get(f"{at}/diff", "auditor").text
    assert house.post(f"{at}/withdrawal", "process-owner", {"expected_revision": 1}).status_code == 200


def test_a_diff_shows_text_and_fields_and_checks_run_again(house: House) -> None:
    body = {"kind": "rule-table", "source": TABLE, "title": "Bands", "reason": "needed"}
    made = house.post("/v1/change-requests", "process-owner", body)
    if made.status_code != 200:
        pytest.fail(made.text)
    at = f"/v1/change-requests/{made.json()['change_request']}"
    diff = house.get(f"{at}/diff", "auditor").json()
    assert "+rule-table: match-again" in diff["text"].splitlines()
    assert any(field["before"] is None for field in diff["fields"])
    checks = house.get(f"{at}/checks", "auditor").json()
    assert [one for one in checks["findings"] if one["severity"] == "error"] == []


def test_a_rule_table_is_looked_at_for_gaps_and_overlaps_before_it_is_proposed(house: House) -> None:
    body = {"kind": "rule-table", "source": TABLE.replace("match-again", "match-gap"), "title": "t", "reason": "r"}
    made = house.post("/v1/change-requests", "process-owner", body).json()
    checks = house.get(f"/v1/change-requests/{made['change_request']}/checks", "auditor").json()
    assert [(one["rule"], one["severity"]) for one in checks["findings"]] == [("table-gap", "warning")]
    assert "for example mismatches = -1, duplicate = false" in checks["findings"][0]["message"]
    overlapping = {**body, "source": body["source"].replace('"> 0"', '">= 0"')}
    problem = house.refused(house.post("/v1/change-requests", "process-owner", overlapping), 422, "CHECKS_FAILED")
    said = "rules 2 and 3 match the same input, for example mismatches = 0, duplicate = false"
    assert problem["details"] == {"table-overlap": said}


def test_several_findings_of_one_rule_are_all_told(house: House) -> None:
    source = SPENDING.replace("reason: {required: true, codes: spending}", "reason: {required: true}")
    source = source.replace(
        "data:\n", "data:\n  one: {type: string, class: internal}\n  two: {type: string, class: internal}\n"
    )
    body = {
        "kind": "blueprint",
        "source": source.replace("[number, amount]", "[one, two]"),
        "title": "t",
        "reason": "r",
    }
    problem = house.refused(house.post("/v1/change-requests", "process-owner", body), 422, "CHECKS_FAILED")
    assert problem["details"].keys() == {"data.uncertain", "data.uncertain 2"}
    assert ["`one`" in problem["details"][name] for name in sorted(problem["details"])] == [True, False]


def test_findings_of_a_proposal_are_named(house: House) -> None:
    source = house.get("/v1/blueprints/invoice-approval", "auditor").json()["source"]
    before = house.size
    dead = source.replace("next: {approve: post, refuse: tell-supplier}", "next: {approve: post}")
    body = {"kind": "blueprint", "source": dead, "title": "t", "reason": "r", "base_version": 1}
    answer = house.post("/v1/change-requests", "process-owner", body)
    assert answer.status_code in (400, 422), answer.text
    problem = answer.json()
    assert problem.get("location") or problem["details"]
    unknown = source.replace("owner: finance-operations", "owner: finance-operations\nsurprise: 1")
    found = house.refused(
        house.post("/v1/change-requests", "process-owner", {**body, "source": unknown}), 400, "MALFORMED"
    )
    assert found["location"]
    moved = house.post("/v1/change-requests", "process-owner", {**body, "source": source, "base_version": 9})
    house.refused(moved, 409, "BASE_MOVED")
    kinds = {entry["entry"]["kind"] for entry in _entries(house, before)}
    assert kinds <= {"command.refused", "sign_in.started", "credential.set", "setup_code.issued"}


# Work


def test_a_form_a_job_and_the_end_of_an_instance(house: House) -> None:
    instance = start(house, mismatches=["price"])
    task = task_of(house, instance, "accounts-payable-clerk")
    assert (task["kind"], task["expects"]) == ("task", ["resolution.action", "resolution.note"])
    wrong = {"data": {"resolution": {"action": 1, "note": "n"}}, "shown_digest": task["shown_digest"]}
    at = f"/v1/tasks/{task['id']}/completion"
    house.refused(house.post(at, "accounts-payable-clerk", wrong), 422, "INVALID_DATA")
    right = {"data": {"resolution": {"action": "accept", "note": "n"}}, "shown_digest": task["shown_digest"]}
    assert house.post(at, "accounts-payable-clerk", right).status_code == 200
    decision = task_of(house, instance, "budget-owner-1")
    assert decide(house, decision, outcome="refuse").json()["outcome"] == "refuse"
    told = house.get(f"/v1/process-instances/{instance}/history", "auditor").json()["items"]
    assert [one["kind"] for one in told[:2]] == ["task.completed", "task.claimed"]
    assert any("decided `refuse` under grant" in line for line in told[0]["words"])
    cancelled = house.post(f"/v1/process-instances/{instance}/cancellation", "finance-director", {"reason": "enough"})
    assert cancelled.json()["status"] == "cancelled"
    assert house.get(f"/v1/process-instances/{instance}", "auditor").json()["steps"] == []


def test_an_inbox_holds_what_somebody_may_take(house: House) -> None:
    instance = start(house)
    mine = house.get("/v1/tasks?mine=1&limit=200", "budget-owner-1").json()["items"]
    assert instance in {task["instance"] for task in mine}
    clerk = house.get("/v1/tasks?mine=1&limit=200", "accounts-payable-clerk").json()["items"]
    assert instance not in {task["instance"] for task in clerk}
    assert house.get("/v1/tasks?mine=1", "credit-officer-1").json()["items"] == []


def test_pages_hold_everything_once(house: House) -> None:
    made = {start(house) for _ in range(3)}
    for path, key in (("/v1/process-instances", "id"), ("/v1/tasks", "id"), ("/v1/ledger/entries", "index")):
        seen: list[Any] = []
        cursor = ""
        while True:
            answer = house.get(f"{path}?limit=2{cursor}", "auditor").json()
            seen += [item[key] for item in answer["items"]]
            if answer["cursor"] is None:
                break
            cursor = f"&cursor={answer['cursor']}"
        assert len(seen) == len(set(seen))
        whole = house.get(f"{path}?limit=200", "auditor").json()["items"]
        assert seen[:200] == [item[key] for item in whole]
        if path == "/v1/process-instances":
            assert made <= set(seen)


def test_an_authority_check_is_the_decision_itself(house: House) -> None:
    asked = {
        "person": "budget-owner-1", "decision_kind": "approve-invoice", "domain": FINANCE,
        "blueprint": "invoice-approval", "step": "approval", "outcome": "approve",
    }  # fmt: skip

    def check(amount: str, **more: Any) -> dict[str, Any]:
        body = {**asked, "measure": {"amount": amount, "currency": "GBP"}, **more}
        answer = house.post("/v1/authority-checks", "compliance-officer", body)
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value

    assert house.refused(house.post("/v1/authority-checks", "auditor", asked), 403, "NO_RULE")
    within = check("9000.00")
    assert within["permitted"] is True
    assert within["headroom"] == "1000.00"
    assert check("10000.01")["reason"] == "LIMIT_CASE"
    assert check("1.00", person="auditor")["reason"] == "NO_GRANT"
    assert check("1.00", decision_kind="approve-credit")["reason"] in ("WRONG_POWER", "NO_GRANT")


def test_access_explains_what_the_enforcement_point_says(house: House) -> None:
    ask = "object=task&action=decide&domain=finance"
    yes = house.get(f"/v1/access/explain?actor=budget-owner-1&{ask}", "auditor").json()
    no = house.get(f"/v1/access/explain?actor=auditor&{ask}", "auditor").json()
    assert (yes["permitted"], no["permitted"]) == (True, False)
    who = {one["actor"] for one in house.get(f"/v1/access/who-could?{ask}", "auditor").json()["items"]}
    assert house.person("budget-owner-1") in who
    assert house.person("auditor") not in who
    rights = house.get("/v1/access/rights?actor=budget-owner-1", "auditor").json()["items"]
    assert ["finance", "task", "decide"] in [[one["domain"], one["object"], one["action"]] for one in rights]


# Figures and proofs


def test_the_overview_equals_a_count_over_the_entries(house: House) -> None:
    start(house)
    kinds = Counter(
        transition["t"] for item in _entries(house, 0) for transition in item["entry"]["payload"].get("transitions", [])
    )
    told = house.get("/v1/overview", "auditor").json()
    over = kinds["instance.ended"] + kinds["instance.cancelled"]
    assert told["started"] == kinds["instance.started"]
    assert told["active"] == kinds["instance.started"] - over
    assert (told["completed"], told["cancelled"]) == (kinds["instance.ended"], kinds["instance.cancelled"])
    waiting = sum(one["count"] for one in told["waiting"]["tasks"])
    assert waiting == kinds["task.offered"] - kinds["task.completed"] - kinds["task.cancelled"]
    nothing = house.get("/v1/overview?domain=lending", "auditor").json()
    assert (nothing["active"], nothing["completion_rate"]) == (0, None)


def _entries(house: House, start_at: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = house.get(f"/v1/ledger/entries?start={start_at}&limit=200{cursor}", "auditor").json()
        items += answer["items"]
        if answer["cursor"] is None:
            return items
        cursor = f"&cursor={answer['cursor']}"


def test_entries_receipts_and_proofs_verify(house: House) -> None:
    answer = decide(house, task_of(house, start(house)))
    receipt = answer.json()["receipt"]
    item = house.get(f"/v1/ledger/entries/{receipt['index']}", "auditor").json()
    leaf = leaf_hash(from_b64url(item["bytes"]))
    assert leaf == from_b64url(receipt["leaf_hash"])
    old = parse_checkpoint(parse_note(receipt["checkpoint"]).text)
    start(house)
    at = f"/v1/ledger/proofs/inclusion?index={receipt['index']}&size={old.size}"
    hashes = [from_b64url(one) for one in house.get(at, "auditor").json()["hashes"]]
    assert check_inclusion(receipt["index"], old.size, leaf, hashes, old.root)
    found = house.get(f"/v1/ledger/proofs/consistency?old={old.size}", "auditor").json()
    new = parse_checkpoint(parse_note(found["checkpoint"]).text)
    steps = [from_b64url(one) for one in found["hashes"]]
    assert new.size > old.size
    assert check_consistency(old.size, new.size, old.root, new.root, steps)
    whole = house.get(f"/v1/ledger/receipts/{receipt['index']}?proof=1", "auditor").json()
    stated_at = parse_checkpoint(parse_note(whole["checkpoint"]).text)
    proof = [from_b64url(one) for one in whole["proof"]]
    assert check_inclusion(receipt["index"], stated_at.size, leaf, proof, stated_at.root)
    assert b64decode(parse_note(whole["checkpoint"]).text.split("\n")[2]) == stated_at.root


def test_no_password_token_or_name_stands_in_any_entry(house: House) -> None:
    task = task_of(house, start(house))
    stated(house, task)
    whole = b"".join(from_b64url(item["bytes"]) for item in _entries(house, 0))
    secrets = [WORD, "Budget Owner 1", intake(house), *house.tokens.values()]
    assert [secret for secret in secrets if secret.encode() in whole] == []


def test_metrics_need_a_permission_and_count_by_route(house: House) -> None:
    house.refused(house.get("/metrics", "auditor"), 403, "NO_RULE")
    house.refused(house.get("/metrics"), 401, "NO_CREDENTIAL")  # the test client is no loopback address
    told = {"acme": [Gauge("muniment_log_size", "Entries", 7)]}
    text = house.client.app.state.counts.text(told, ("",)).decode()
    assert 'muniment_log_size{log="acme"} 7.0' in text
    assert 'route="/v1/process-instances/{id}"' in text
    assert "pi_" not in text


def test_metrics_tell_how_far_publication_is_behind(house: House) -> None:
    service = house.client.app.state.services.only
    told = {(gauge.name, gauge.labels): gauge.value for gauge in gauges_of(service)}
    size = told["muniment_log_size", ()]
    assert size > 0
    assert told["muniment_publication_lag_entries", (("what", "published"),)] == size, "nobody publishes here"


def test_a_pack_is_handed_out_after_its_entry(house: House) -> None:
    instance = start(house)
    body = {"instances": [instance], "purpose": "review", "recipient": "regulator"}
    house.refused(house.post("/v1/evidence-packs", "budget-owner-1", body), 403, "NO_RULE")
    built = house.post("/v1/evidence-packs", "auditor", body)
    assert built.status_code == 200, built.text
    assert house.get(built.json()["href"], "auditor").content[:2] == b"PK"
    [entry] = house.get(f"/v1/ledger/entries?subject={built.json()['pack']}", "auditor").json()["items"]
    assert entry["entry"]["payload"]["digest"] == built.json()["digest"]
    record = house.get(f"/v1/process-instances/{instance}/compliance-record", "auditor")
    assert record.json()["id"] == instance
    answer = house.post("/v1/answers", "auditor", {"question": "Q01", "instance": instance, "purpose": "review"})
    assert answer.json()["verdict"] in ("satisfied", "violated", "not_determinable")
