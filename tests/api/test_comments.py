"""Comments and attachments: added and never changed, sealed by class, held against what they say they are, erased."""

import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest

from ledger.canonical import encode
from ledger.errors import BrokenInput
from orchestrator.media import check_media
from tests.api.organisation import House
from tests.api.test_erasure import ask, certified, loan, over, verified
from tests.api.work import decide, start, task_of, waiting_task

OWNER, OTHER, OFFICER = "budget-owner-1", "finance-director", "compliance-officer"
PDF = b"%PDF-1.7\n%nothing more\n"


def attach(house: House, at: str, content: bytes, media_type: str, query: str = "?name=scan.pdf") -> Any:
    headers = {"Content-Type": media_type, "Authorization": f"Bearer {house.token(OWNER)}"}
    return house.client.post(f"{at}/attachments{query}", content=content, headers=headers)


def all_entries(house: House) -> bytes:
    with house.service.reader.view() as view:
        return b"".join(row.bytes for row in view.entries(0, view.head.size))


def test_edit_is_a_new_comment_that_names_the_old(house: House) -> None:
    task = waiting_task(house)
    at = f"/v1/tasks/{task['id']}/comments"
    first = house.post(at, OWNER, {"text": "the lines differ by one halfpenny"}).json()["comment"]
    second = house.post(at, OWNER, {"text": "the lines agree", "replaces": first}).json()["comment"]
    items = house.get(at, OTHER).json()["items"]
    assert [one["text"] for one in items] == ["the lines differ by one halfpenny", "the lines agree"]
    assert [(one["replaces"], one["replaced_by"]) for one in items] == [(None, second), (first, None)]
    assert {one["task"] for one in items} == {task["id"]}
    house.refused(house.post(at, OWNER, {"text": "again", "replaces": first}), 409, "WRONG_STATE")
    house.refused(house.post(at, OTHER, {"text": "not mine", "replaces": second}), 409, "CLAIMED_BY_OTHER")
    assert b"halfpenny" not in all_entries(house)
    history = house.get(f"/v1/process-instances/{task['instance']}/history", OWNER).json()["items"]
    assert sum(one["kind"] == "comment.added" for one in history) == 2


def test_comment_needs_its_permission_and_words(house: House) -> None:
    instance = start(house)
    at = f"/v1/process-instances/{instance}/comments"
    house.refused(house.post(at, OWNER, {"text": "  "}), 422, "INVALID_DATA")
    house.refused(house.post(at, OWNER, {"text": "x" * 4_001}), 400, "MALFORMED")
    house.refused(house.post("/v1/process-instances/pi_nothing/comments", OWNER, {"text": "x"}), 404, "NOT_FOUND")
    with_key = house.post(at, house.key("svc:invoice-intake", "invoice-intake", domain="finance"), {"text": "x"})
    house.refused(with_key, 403, "NOT_A_PERSON")
    said = {"text": "look", "mentions": ["person:nobody"]}
    house.refused(house.post(at, OWNER, said), 403, "NO_RULE")
    assert house.get(at, OWNER).json()["items"] == []


def test_class_of_a_comment_is_that_of_a_field(house: House) -> None:
    instance = start(house)
    at = f"/v1/process-instances/{instance}/comments"
    house.post(at, OWNER, {"text": "he lives in Hull", "data_class": "personal"})
    (seen,) = house.get(at, OFFICER).json()["items"]
    (hidden,) = house.get(at, OWNER).json()["items"]  # who may not read personal data does not, not even their own
    assert (seen["text"], hidden["text"]["reason"]) == ("he lives in Hull", "CLASS_NOT_READABLE")


def test_file_is_downloaded_as_it_was_attached_and_never_opened_in_place(house: House) -> None:
    task = waiting_task(house)
    done = attach(house, f"/v1/tasks/{task['id']}", PDF, "application/pdf", "?name=Beleg%20%C3%84.pdf")
    assert done.status_code == 200, done.text
    (one,) = house.get(f"/v1/tasks/{task['id']}/attachments", OWNER).json()["items"]
    assert (one["name"], one["media_type"], one["size_bytes"]) == ("Beleg Ä.pdf", "application/pdf", len(PDF))
    answer = house.get(f"/v1/process-instances/{task['instance']}/attachments/{one['id']}", OWNER)
    assert answer.content == PDF
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Beleg%20%C3%84.pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert b"Beleg" not in all_entries(house)


def test_a_file_goes_with_a_comment_on_the_same_thing_alone(house: House) -> None:
    """It would be told of one task beside what was said about another."""
    task = waiting_task(house)
    instance, about = f"/v1/process-instances/{task['instance']}", f"/v1/tasks/{task['id']}"
    said = {
        at: house.post(f"{at}/comments", OWNER, {"text": "see the scan"}).json()["comment"] for at in (instance, about)
    }
    for at, other in ((instance, about), (about, instance)):
        wrong = attach(house, at, PDF, "application/pdf", f"?name=scan.pdf&comment={said[other]}")
        house.refused(wrong, 404, "NOT_FOUND")
        right = attach(house, at, PDF, "application/pdf", f"?name=scan.pdf&comment={said[at]}")
        assert right.status_code == 200, right.text
    files = house.get(f"{instance}/attachments", OWNER).json()["items"]
    assert {(one["task"], one["comment"]) for one in files} == {(None, said[instance]), (task["id"], said[about])}


def test_file_of_a_class_is_for_who_may_read_that_class(house: House) -> None:
    instance = start(house)
    at = f"/v1/process-instances/{instance}"
    done = attach(house, at, PDF, "application/pdf", "?name=scan.pdf&class=personal")
    assert done.status_code == 200, done.text
    (one,) = house.get(f"{at}/attachments", OWNER).json()["items"]
    assert one["name"]["reason"] == "CLASS_NOT_READABLE"
    house.refused(house.get(f"{at}/attachments/{one['id']}", OWNER), 403, "NO_RULE")
    assert house.get(f"{at}/attachments/{one['id']}", OFFICER).content == PDF
    house.refused(house.get(f"{at}/attachments/at_nothing", OFFICER), 404, "NOT_FOUND")
    other = start(house)
    house.refused(house.get(f"/v1/process-instances/{other}/attachments/{one['id']}", OFFICER), 404, "NOT_FOUND")


def test_comments_and_files_come_page_by_page(house: House) -> None:
    at = f"/v1/process-instances/{start(house)}"
    for number in range(3):
        house.post(f"{at}/comments", OWNER, {"text": f"word {number}"})
        assert attach(house, at, PDF, "application/pdf", f"?name=scan-{number}.pdf").status_code == 200
    for what, name, every in (("comments", "text", "word {}"), ("attachments", "name", "scan-{}.pdf")):
        first = house.get(f"{at}/{what}?limit=2", OWNER).json()
        assert [one[name] for one in first["items"]] == [every.format(number) for number in (0, 1)]
        last = house.get(f"{at}/{what}?limit=2&cursor={first['cursor']}", OWNER).json()
        assert ([one[name] for one in last["items"]], last["cursor"]) == ([every.format(2)], None)


def test_altered_content_is_not_handed_out(house: House) -> None:
    task = waiting_task(house)
    attach(house, f"/v1/tasks/{task['id']}", PDF, "application/pdf")
    attach(house, f"/v1/tasks/{task['id']}", PDF + b"other", "application/pdf")
    first, second = house.get(f"/v1/tasks/{task['id']}/attachments", OWNER).json()["items"]
    at = f"/v1/process-instances/{task['instance']}/attachments/{first['id']}"
    recorded, other = (encode({"$commitment": one["commitment"]}).decode() for one in (first, second))
    change = "UPDATE instance_attachment SET content = ? WHERE id = ?"
    database = f"{house.settings.data_dir}/logs/acme/ledger.sqlite"
    for content, status in ((other, 500), (recorded, 200)):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(change, (content, first["id"]))
        answer = house.get(at, OWNER)
        assert answer.status_code == status
        assert (answer.content == PDF) is (status == 200)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "reason"),
    [
        (b"MZ\x90", "application/pdf", 400, "MALFORMED"),
        (PDF, "text/html", 400, "MALFORMED"),
        (PDF, "", 400, "MALFORMED"),
        (b"", "text/plain", 422, "INVALID_DATA"),
        (b"x" * (5 * 1024 * 1024 + 1), "text/plain", 413, "TOO_LARGE"),
    ],
)
def test_file_that_is_not_what_it_says_is_refused(
    house: House, content: bytes, media_type: str, status: int, reason: str
) -> None:
    instance = start(house)
    at = f"/v1/process-instances/{instance}"
    house.refused(attach(house, at, content, media_type), status, reason)
    house.refused(attach(house, at, PDF, "application/pdf", "?name=..%2Fx.pdf"), 422, "INVALID_DATA")
    assert house.get(f"{at}/attachments", OWNER).json()["items"] == []


def made_zip(*names: str) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize(
    ("media_type", "good", "bad"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\nrest", b"\xff\xd8\xff"),
        ("image/jpeg", b"\xff\xd8\xff\xe0", b"\x89PNG"),
        ("application/pdf", PDF, b" %PDF-"),
        ("application/zip", made_zip("a"), b"Rar!"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            made_zip("[Content_Types].xml"),
            made_zip("a"),
        ),
        ("text/csv", "a;ä\n".encode(), b"a\x00b"),
        ("text/plain", b"words", b"\xff\xfe\x00"),
        ("application/json", b'{"a": 1}', b"{a: 1}"),
        ("application/xml", b"<?xml version='1.0'?><a/>", b"<!DOCTYPE html><a/>"),
        ("application/xml", b"<!-- <svg> --><Bundle xmlns='http://hl7.org/fhir'/>", b"<svg onload='alert(1)'/>"),
        (
            "text/xml",
            b"\xef\xbb\xbf <a.b/>",
            b"<?xml version='1.0'?><!--a--><x:html xmlns:x='http://www.w3.org/1999/xhtml'>",
        ),
        ("text/xml", b"<svgs/>", b"<?xml-stylesheet href='data:,'?><a/>"),
        ("text/xml", b"<a>\xc3\xa4</a>", b"<a>\xff</a>"),
        ("text/xml", b"<!--<a>--><note>", b"<!--<note>"),
    ],
)
def test_first_bytes_agree_with_the_declared_type(media_type: str, good: bytes, bad: bytes) -> None:
    check_media(media_type, good)
    with pytest.raises(BrokenInput):
        check_media(media_type, bad)


@pytest.mark.parametrize("name", ["svg", "html", "math", "stylesheet", "transform"])
def test_no_root_that_a_browser_draws_or_runs_is_taken_however_it_is_written(name: str) -> None:
    for before, root in (
        ("", name),
        ("\ufeff", name),
        ("", name.upper()),
        ("", f"x:{name}"),
        ("<?xml version='1.0'?><!-- <a> -->\n", f"x:{name.title()}"),
    ):
        with pytest.raises(BrokenInput):
            check_media("application/xml", f"{before}<{root} xmlns:x='urn:x'/>".encode())
        check_media("application/xml", f"{before}<{root}s xmlns:x='urn:x'><{name}/></{root}s>".encode())


def test_other_types_are_taken_where_the_installation_says_so_but_none_that_runs() -> None:
    with pytest.raises(BrokenInput):
        check_media("audio/mpeg", b"x")
    check_media("audio/mpeg", b"x", {"audio/mpeg"})
    with pytest.raises(BrokenInput):
        check_media("text/html", b"x", {"text/html"})


def test_erasure_destroys_comment_and_file_of_an_instance_about_nobody(house: House) -> None:
    instance = start(house)
    at = f"/v1/process-instances/{instance}"
    comment = house.post(f"{at}/comments", OWNER, {"text": "to be forgotten"}).json()["comment"]
    file = attach(house, at, PDF, "application/pdf").json()["attachment"]
    house.refused(ask(house, comment), 409, "STILL_RUNNING")
    assert decide(house, task_of(house, instance), outcome="refuse").status_code == 200
    house.post(f"{at}/cancellation", OTHER, {"reason": "over"})
    house.refused(ask(house, "cm_nothing"), 404, "NOT_FOUND")
    for one in (comment, file):
        assert ask(house, one).status_code == 200
        certified(house, one)
    (said,) = house.get(f"{at}/comments", OWNER).json()["items"]
    assert said["text"]["reason"] == "ERASED"
    house.refused(house.get(f"{at}/attachments/{file}", OWNER), 404, "NOT_FOUND")
    assert verified(house).is_sound, verified(house).words()


def test_erasure_of_a_person_takes_what_was_said_about_their_case(house: House) -> None:
    instance, _ = loan(house, 71)
    at = f"/v1/process-instances/{instance}"
    house.post(f"{at}/comments", "credit-officer-1", {"text": "she called twice"})
    over(house, instance)
    assert ask(house, instance).status_code == 200
    certified(house, instance)
    (said,) = house.get(f"{at}/comments", "credit-officer-1").json()["items"]
    assert said["text"]["reason"] == "ERASED"
