"""The directory for programs."""

from __future__ import annotations

import io
from typing import Any

from tests.factories.directory import FRENCH, make_party, siren_of
from tests.factories.jobs import run_jobs

URL = "/api/v1/parties"


def test_a_program_makes_finds_and_changes(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.admin, scopes=["directory:write", "directory:read"])
    made = program.post(URL, json={"name": world.a.text("Mill"), "siren": siren_of(1), "iban": FRENCH,
                                   "billing_city": "Lyon"})  # fmt: skip
    assert (made.status_code, made.json["number"], made.json["billing_country"]) == (201, 1, "FR")
    assert FRENCH not in made.text
    [account] = made.json["accounts"]
    assert (account["iban"], account["state"]) == ("FR76 … 0189", "active")
    again = program.post(URL, json={"name": "Else", "siren": siren_of(1)})
    assert (again.status_code, again.json["code"]) == (409, "party_exists")
    wrong = program.post(URL, json={"name": "Else", "vat": "FR1"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["vat"])
    place = made.headers["Location"]
    body = {"name": world.a.text("Other")}
    assert program.post(place, json=body, headers={"If-Match": '"7"'}).status_code == 412
    changed = program.post(place, json=body, headers={"If-Match": '"1"'}).json
    assert (changed["name"], changed["siren"], changed["version"]) == (body["name"], "", 2)
    make_party(stage, world.a, name=world.a.text("Another"))
    page = program.get(f"{URL}?limit=1").json
    assert [one["name"] for one in page["items"]] == [world.a.text("Another")]
    assert [one["name"] for one in program.get(page["next"]).json["items"]] == [body["name"]]
    assert not api_as(world.b.admin, scopes=["directory:read"]).get(URL).json["items"]
    reader = api_as(world.a.admin, scopes=["directory:read"])
    assert reader.post(URL, json=body).status_code == 403


def test_a_program_keeps_several_addresses_and_contacts(
    stage: Any, world: Any, api_as: Any
) -> None:
    program = api_as(world.a.admin, scopes=["directory:write", "directory:read"])
    party = make_party(stage, world.a, name=world.a.text("Mill"), contact_name="Anne")
    here = f"{URL}/{party.id}"
    made = program.post(f"{here}/contacts", json={"name": "Bob", "main": True})
    assert (made.status_code, made.json["version"], made.json["contact_name"]) == (201, 2, "Bob")
    bob, anne = made.json["contacts"]
    assert (bob["main"], anne["name"], anne["main"]) == (True, "Anne", False)
    place = {"city": "Lyon", "postcode": "690"}
    wrong = program.post(f"{here}/addresses", json=place)
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["postcode"])
    made = program.post(f"{here}/addresses", json=place | {"postcode": "69003"}).json
    assert (made["delivery_city"], made["addresses"][0]["country"]) == ("Lyon", "FR")
    ends = {"scheme": "EM", "value": "a@mill.example", "valid_until": "2027-01-31"}
    made = program.post(f"{here}/endpoints", json=ends).json
    end = f"{here}/endpoints/{made['endpoints'][0]['id']}"
    stale = program.post(end, json=ends, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    changed = program.post(end, json=ends | {"valid_from": "2026-01-01"}).json
    assert changed["endpoints"][0]["valid_from"] == "2026-01-01"
    gone = f"{here}/contacts/{bob['id']}/remove"
    assert program.post(gone).status_code == 428
    assert program.post(gone, headers={"If-Match": '"1"'}).status_code == 412
    now = f'"{changed["version"]}"'
    removed = program.post(gone, headers={"If-Match": now}).json
    assert [one["name"] for one in removed["contacts"]] == ["Anne"]
    assert removed["contact_name"] == "Anne"
    assert program.post(gone, headers={"If-Match": now}).status_code == 412
    assert program.post(gone).status_code == 404
    foreign = api_as(world.b.admin, scopes=["directory:write"])
    assert foreign.post(f"{here}/contacts", json={"name": "Eve"}).status_code == 404


def test_a_program_imports(stage: Any, world: Any, api_as: Any) -> None:
    program = api_as(world.a.user, scopes=["directory:write", "directory:read"])
    content = f"name;siren\n{world.a.text('Mill')};{siren_of(2)}\n{world.a.text('Bad')};12\n"
    sent = program.post("/api/v1/party-imports",
                        data={"file": (io.BytesIO(content.encode()), "list.csv")})  # fmt: skip
    assert (sent.status_code, sent.json["state"]) == (201, "reading")
    place = sent.headers["Location"]
    run_jobs(stage, world.a.id)
    seen = program.get(place).json
    assert [seen[f"rows_{name}"] for name in ("in", "new", "rejected")] == [2, 1, 1]
    [bad] = program.get(f"{place}/rows?outcome=rejected").json["items"]
    assert (bad["line"], bad["reasons"][0]["column"]) == (3, "siren")
    assert program.post(f"{place}/take").status_code == 202
    run_jobs(stage, world.a.id)
    assert len(program.get(URL).json["items"]) == 1
    assert program.post(f"{place}/undo").status_code == 202
    run_jobs(stage, world.a.id)
    assert (program.get(place).json["state"], program.get(URL).json["items"]) == ("undone", [])
