"""What people do at the page: decide and sign, be refused, fill in a form, read the timeline, take a pack away."""

import io
import re
import zipfile
from typing import Any

import pytest

from api.page.showing import visible
from ledger.service import View
from tests.api.organisation import WORD, House
from tests.api.page.browser import Browser, hidden, main, signed_in, words
from tests.api.work import start

REASON = "ordered, received & within budget\nchecked <twice>"


def path_of(house: House, instance: str) -> str:
    """The task of an instance, as a page."""
    found = house.get(f"/v1/process-instances/{instance}", "budget-owner-1").json()["tasks"]
    return f"/tasks/{found[0]['id']}"


def state(browser: Browser, path: str, outcome: str = "approve", reason: str = REASON) -> Any:
    """The first form of a decision; the page with the statement."""
    return browser.post(f"{path}/statement", {**hidden(browser.get(path)), "outcome": outcome, "reason": reason})


def sign(browser: Browser, path: str, stated: Any, password: str = WORD) -> Any:
    """The second form."""
    return browser.post(f"{path}/completion", {**hidden(stated), "password": password})


def test_decide_and_sign_and_see_it_in_the_timeline(house: House) -> None:
    instance = start(house, amount="4321.00")
    browser = signed_in(house, "budget-owner-1")
    path = path_of(house, instance)
    assert path in browser.get("/plain").text
    page = words(browser.get(path))
    assert "Approve invoice" in page  # a decision is called by its kind, not by its step
    assert "4,321.00 GBP" in page
    assert "Supplier" in page

    stated = state(browser, path)
    assert stated.status_code == 200
    assert "I approve this expense within my budget authority" in words(stated)
    assert "in my own name, decide approve" in words(stated)

    wrong = sign(browser, path, stated, "another word entirely")
    assert wrong.status_code == 422
    assert "SIGNATURE_WRONG" in wrong.text
    assert hidden(wrong)["reason"] == REASON  # nothing that was written is lost

    done = sign(browser, path, wrong)
    assert done.status_code == 303
    index = int(done.headers["location"].rpartition("=")[2])
    timeline = browser.get(done.headers["location"])
    text = words(timeline)
    assert f"on record as entry {index}" in text
    assert "decided approve at step approval" in text
    assert "Under authority grant budget-owner-1-2026 version 1" in text
    assert "Amount 4,321.00 GBP; limit at most 10,000.00 GBP per case, 5,679.00 of it left." in text
    assert "Signed by password: attested by the service." in text
    assert "Reason given: ordered, received & within budget checked <twice>" in text
    assert "Re-hashed, in the newest checkpoint, signature verified" in text

    entry = house.get(f"/v1/ledger/entries/{index}", "auditor").json()
    assert entry["entry"]["payload"]["decision"]["outcome"] == "approve"
    assert entry["leaf_hash"] in timeline.text
    closed = words(browser.get(path))
    assert "Closed with outcome approve" in closed
    assert "Your decision" not in closed


def test_the_same_form_sent_twice_is_carried_out_once(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    path = path_of(house, start(house))
    fields = {**hidden(state(browser, path)), "password": WORD}
    first = browser.post(f"{path}/completion", fields)
    size = house.size
    second = browser.post(f"{path}/completion", fields)
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]
    assert house.size == size


def test_what_was_shown_changed_so_nothing_is_decided_and_the_draft_stays(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    path = path_of(house, start(house))
    fields = {**hidden(browser.get(path)), "outcome": "refuse", "reason": "a long draft", "shown_digest": "A" * 43}
    answer = browser.post(f"{path}/statement", fields)
    assert answer.status_code == 409
    assert "SHOWN_CHANGED" in answer.text
    assert "Read what is shown now" in words(answer)
    assert ">a long draft</textarea>" in answer.text
    assert 'value="refuse" required checked' in answer.text
    assert hidden(answer)["shown_digest"] != "A" * 43


def test_whoever_may_not_decide_reads_it_before_typing(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    path = path_of(house, start(house, amount="20000.00"))
    page = browser.get(path)
    assert "You may not decide this." in words(page)
    assert "LIMIT_CASE" in page.text
    assert "<textarea" not in page.text


def test_a_refusal_is_told_recorded_and_keeps_nobody_from_the_task(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    instance = start(house, amount="20000.00")
    path = path_of(house, instance)
    own = hidden(signed_in(house, "budget-owner-2").get(path))
    token = browser.get("/plain").text.partition('name="form_token" value="')[2].partition('"')[0]
    fields = {**own, "form_token": token, "outcome": "approve", "reason": REASON}
    answer = browser.post(f"{path}/statement", fields)
    assert answer.status_code == 403
    assert "The amount is above your limit for one case." in words(answer)
    assert "The refusal is on record as entry" in words(answer)
    assert "Nobody has taken it" in words(answer)
    text = words(browser.get(f"/instances/{instance}"))
    assert "was refused when stating a decision: expected 0 to 10000.00 GBP" in text
    assert "Reason code LIMIT_CASE, without effect." in text


@pytest.mark.parametrize("missing", ["reason", "outcome"])
def test_what_is_missing_is_asked_for(house: House, missing: str) -> None:
    browser = signed_in(house, "budget-owner-1")
    path = path_of(house, start(house))
    fields = {**hidden(browser.get(path)), "outcome": "approve", "reason": REASON}
    answer = browser.post(f"{path}/statement", {**fields, missing: ""})
    assert answer.status_code == 422
    assert ("REASON_MISSING" if missing == "reason" else "UNKNOWN_OUTCOME") in answer.text


def test_fill_in_a_form_task(house: House) -> None:
    instance = start(house, mismatches=["quantity"])
    browser = signed_in(house, "accounts-payable-clerk")
    path = path_of(house, instance)
    page = browser.get(path)
    assert 'name="data.resolution.action"' in page.text
    assert "Settle the mismatch" in words(page)
    fields = {**hidden(page), "data.resolution.action": "accept", "data.resolution.note": "agreed by <b>telephone</b>"}
    done = browser.post(f"{path}/completion", fields)
    assert done.status_code == 303
    assert "completed the task at step exception" in words(browser.get(done.headers["location"]))
    data = house.get(f"/v1/process-instances/{instance}", "budget-owner-1").json()["data"]
    assert data["resolution"] == {"action": "accept", "note": "agreed by <b>telephone</b>"}


def test_taking_and_giving_back(house: House) -> None:
    browser, other = signed_in(house, "budget-owner-1"), signed_in(house, "budget-owner-2")
    path = path_of(house, start(house))
    assert browser.post(f"{path}/claim", hidden(browser.get(path))).status_code == 303
    assert "Taken by you" in words(browser.get(path))
    fields = {
        **hidden(other.get(path)),
        "form_token": other.get("/plain").text.partition('value="')[2].partition('"')[0],
    }
    refused = other.post(f"{path}/claim", fields)
    assert refused.status_code == 409
    assert "CLAIMED_BY_OTHER" in refused.text
    assert browser.post(f"{path}/release", hidden(browser.get(path))).status_code == 303
    assert "Nobody has taken it" in words(other.get(path))


def test_names_are_opened_only_for_who_may_read_personal_data(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    instance = start(house)
    path = path_of(house, instance)
    sign(browser, path, state(browser, path))
    person = house.person("budget-owner-1")
    seen = words(signed_in(house, "compliance-officer").get(f"/instances/{instance}"))
    assert "Budget Owner 1 decided approve" in seen
    unseen = signed_in(house, "process-owner").get(f"/instances/{instance}")
    assert f"Person {person.removeprefix('person:')[:8]} decided approve" in words(unseen)
    assert "Budget Owner 1" not in unseen.text
    assert "within budget" not in unseen.text
    assert "Not shown: your roles do not read this class of data." in words(unseen)
    assert "Supplier, T-1" not in unseen.text


def test_instances_are_read_page_by_page(house: House) -> None:
    for _ in range(3):
        start(house)
    browser = signed_in(house, "budget-owner-1")
    seen: list[str] = []
    where = "/instances?limit=2"
    while where:
        page = main(browser.get(where))
        seen += [part.partition('"')[0] for part in page.split('<a href="/instances/')[1:]]
        cursor = page.partition("cursor=")[2].partition('"')[0]
        where = f"/instances?limit=2&cursor={cursor}" if cursor else ""
    known = house.get("/v1/process-instances?limit=200", "budget-owner-1").json()["items"]
    assert seen == [one["id"] for one in known]


def test_a_long_timeline_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.page.instances.ENTRIES_SHOWN", 2)
    browser = signed_in(house, "budget-owner-1")
    instance = start(house)
    path = path_of(house, instance)
    sign(browser, path, state(browser, path))
    seen: list[str] = []
    where = f"/instances/{instance}"
    while where:
        page = main(browser.get(where))
        seen += [part.partition('"')[0] for part in page.split('<li id="e')[1:]]
        older = page.partition("?before=")[2].partition('"')[0]
        where = f"/instances/{instance}?before={older}" if older else ""
    entries = house.get(f"/v1/ledger/entries?subject={instance}&limit=200", "auditor").json()["items"]
    assert seen == [str(one["index"]) for one in entries]
    assert browser.get(f"/instances/{instance}?before=0x").status_code == 400
    assert browser.get(f"/instances/{instance}?before=1").status_code == 400  # an entry of something else


def test_an_altered_entry_is_shown_as_one_and_hides_nothing_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(house, "budget-owner-1")
    instance = start(house)
    path = path_of(house, instance)
    sign(browser, path, state(browser, path))
    entries = house.get(f"/v1/ledger/entries?subject={instance}", "auditor").json()["items"]
    altered, broken = entries[0]["index"], entries[1]["index"]
    stored = View.stored

    def tampered(self: View, index: int) -> Any:
        row = stored(self, index)
        if row is None or index not in (altered, broken):
            return row
        data = row.bytes.replace(b'"approve"', b'"refuse"') if index == altered else row.bytes[:-2]
        return row._replace(bytes=data)

    monkeypatch.setattr(View, "stored", tampered)
    page = browser.get(f"/instances/{instance}")
    assert page.status_code == 200
    text = words(page)
    assert text.count("Altered: its bytes do not hash to its leaf") == 2
    assert "This entry cannot be read any more." in text
    assert text.count("Re-hashed, in the newest checkpoint, signature verified") == len(entries) - 2


def test_compliance_record_and_evidence_pack(house: House) -> None:
    browser = signed_in(house, "budget-owner-1")
    instance = start(house)
    path = path_of(house, instance)
    sign(browser, path, state(browser, path))
    record = words(browser.get(f"/instances/{instance}/record"))
    for title in ("Who", "Authority and instrument", "What was shown", "Alternatives", "What followed"):
        assert title in record
    assert "budget authority" in record
    assert re.search(r"<time>[0-9-]{10}T[0-9:.]{15}Z</time>", browser.get(f"/instances/{instance}/record").text)

    auditor = signed_in(house, "auditor")
    where = f"/instances/{instance}/pack"
    fields = hidden(auditor.get(where))
    assert "verify-pack FILE --trust KEY" in words(auditor.get(where))
    empty = auditor.post(where, {**fields, "purpose": "", "recipient": "Examiner"})
    assert empty.status_code == 422
    assert 'value="Examiner"' in empty.text
    answer = auditor.post(where, {**fields, "purpose": "Yearly review", "recipient": "Examiner"})
    assert answer.status_code == 200, words(answer)
    assert answer.headers["content-disposition"].startswith('attachment; filename="pk_')
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert any(name.endswith("verify.py") for name in names)
    size = house.size
    recorded = house.get(f"/v1/ledger/entries/{size - 1}", "auditor").json()["entry"]
    assert recorded["kind"] == "pack.built"
    assert recorded["payload"]["digest"] == answer.headers["x-muniment-pack-sha256"]
    assert browser.get(where).status_code == 403  # a budget owner builds no packs
    assert visible("Yearly review") not in str(recorded)
