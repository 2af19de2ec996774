"""How the console is served: one page for every place, a policy with a nonce used once, assets that are never stale."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api import console
from api.app import SecureHeaders

NAME = "index-abcdef12.js"
PLACES = [
    {"path": "ledger", "scripts": ["assets/ledger.js"], "styles": ["assets/ledger.css"]},
    {"path": "ledger/verify", "scripts": ["assets/verify.js"], "styles": []},
    {"path": "ledger/:index", "scripts": ["assets/entry.js"], "styles": []},
]
SCRIPT = b"export const muniment = 1;\n" * 50


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The console's routes over a small build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / NAME).write_bytes(SCRIPT)
    head = f'<head><meta property="csp-nonce" nonce="{console.NONCE_PLACE}"></head>'
    (tmp_path / "index.html").write_text(f"{head}<p>here</p>")
    (tmp_path / "places.json").write_text(json.dumps(PLACES))
    (tmp_path / "secret.txt").write_text("not an asset")
    monkeypatch.setattr(console, "STATIC", tmp_path)
    for kept in (console._index, console._places, console._assets):
        kept.cache_clear()
    app = FastAPI()
    app.include_router(console.router)
    app.add_middleware(SecureHeaders)
    with TestClient(app) as opened:
        yield opened
    for kept in (console._index, console._places, console._assets):
        kept.cache_clear()


def test_every_place_is_the_application_with_a_nonce_of_its_own(client: TestClient) -> None:
    seen = set()
    for path in ("/console/", "/console/inbox", "/console/tasks/pi_1.3?tab=diagram", "/console/a/b/c"):
        answer = client.get(path)
        assert answer.status_code == 200
        [nonce] = re.findall(r'nonce="([0-9a-z]{26})"', answer.text)
        policy = answer.headers["content-security-policy"]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        seen.add(nonce)
    assert len(seen) == 4


def test_the_page_of_a_place_names_the_files_of_its_screen(client: TestClient, tmp_path: Path) -> None:
    def named(place: str) -> list[str]:
        head, _ = client.get(f"/console/{place}").text.split("</head>")
        return re.findall(r'<link rel="(?:modulepreload|stylesheet)" crossorigin href="/console/assets/([^"]*)">', head)

    assert named("ledger?kind=task.completed") == ["ledger.css", "ledger.js"]
    assert named("ledger/verify") == ["verify.js"]
    assert named("ledger/40") == named("ledger/%22%3E%3Cscript%3E") == ["entry.js"]
    assert named("") == named("ledger/40/more") == named("nowhere") == []
    (tmp_path / "places.json").unlink()
    console._places.cache_clear()
    assert named("ledger") == []


def test_an_asset_is_kept_and_compressed(client: TestClient) -> None:
    answer = client.get(f"/console/assets/{NAME}", headers={"accept-encoding": "gzip"})
    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT, 9, mtime=0)) < len(SCRIPT)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    plain = client.get(f"/console/assets/{NAME}", headers={"accept-encoding": "identity"})
    assert (plain.content, "content-encoding" in plain.headers) == (SCRIPT, False)
    assert plain.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("name", ["none.js", "../index.html", "..%2fsecret.txt", "%2e%2e/secret.txt", "", "a/b"])
def test_only_assets_are_assets(client: TestClient, name: str) -> None:
    answer = client.get(f"/console/assets/{name}")
    assert "not an asset" not in answer.text
    assert answer.status_code == 404 or answer.text.endswith("<p>here</p>")


def test_where_it_is_not_built_it_says_how(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "index.html").unlink()
    answer = client.get("/console/")
    assert (answer.status_code, "make console" in answer.text) == (503, True)
    assert client.get("/console", follow_redirects=False).headers["location"] == "/console/"


def test_the_service_itself_leads_to_the_console(client: TestClient) -> None:
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
