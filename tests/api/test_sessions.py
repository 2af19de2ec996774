"""Sessions of one's own over HTTP, on both databases: listed, ended, and forgotten at once where they were ended."""

from tests.api.test_second_factor import Officer, bare, officer

__all__ = ["bare", "officer"]

OWN = "/v1/me/sessions"


def test_sessions_are_listed_and_ended(officer: Officer) -> None:
    house = officer.house
    other = officer.sign_in("").json()["token"]
    items = house.get(OWN, officer.token).json()["items"]
    assert [(one["method"], one["is_this"]) for one in items] == [("password", False), ("password", True)]
    assert set(items[0]) == {"id", "method", "started_at", "expires_at", "ends_at", "is_this"}
    assert house.get("/v1/me", other).status_code == 200  # remembered by this process from now on
    ended = house.post(f"{OWN}/end", officer.token, json={"session": items[0]["id"]})
    assert (ended.status_code, ended.json()["ended"]) == (200, 1)
    house.refused(house.get("/v1/me", other), 401, "BAD_CREDENTIALS")
    third = officer.sign_in("").json()["token"]
    assert house.post(f"{OWN}/end", third, json={}).json()["ended"] == 2
    for token in (third, officer.token):
        house.refused(house.get(OWN, token), 401, "BAD_CREDENTIALS")
    fresh = officer.sign_in("").json()["token"]
    assert [one["is_this"] for one in house.get(OWN, fresh).json()["items"]] == [True]
    house.refused(house.post(f"{OWN}/end", fresh, json={"session": "another"}), 404, "NOT_FOUND")
    house.refused(house.post(f"{OWN}/end", fresh, json={"session": ""}), 400, "MALFORMED")
