"""A company sets its letterhead, its operator writes a letter beside the preview and issues it, and
whoever gets it asks the public page whether it is the very one."""

import hashlib
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.furnishing import Forms
from tests.journeys.visits import DESKTOP, PHONE, People, Visit, speaking

SLUG, CODE = "lentier", "LEN"
ADMIN, USER, OPERATOR = (
    f"admin@{SLUG}.example",
    f"user@{SLUG}.example",
    "operator1@coulisse.example",
)
LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">'
    b'<rect width="120" height="40" rx="8" fill="#1a5fb4"/></svg>'
)


def previewed(visit: Visit) -> None:
    expect(visit.page.locator("#preview img").first).to_be_visible(timeout=30_000)
    visit.settle()


def sets_letterhead(visit: Visit) -> None:
    page = visit.go(f"/c/{SLUG}/templates").page
    visit.station("letters-01-templates", whole=True)
    page.get_by_role("link", name="Logo, colour, sender").click()
    page.set_input_files(
        "[name=logo]", {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": LOGO}
    )
    page.fill("[name=sender]", "12 quai du Port\n29900 Concarneau")
    page.get_by_role("button", name=f"Save for {CODE}").click()
    expect(page.locator("main")).to_contain_text("look like this")
    previewed(visit)
    visit.station("letters-02-letterhead", whole=True)


def writes(visit: Visit, number: int) -> None:
    page = visit.go(f"/c/{SLUG}/requests/{number}").page
    visit.station("letters-03-request", whole=True)
    page.get_by_role("link", name="Write a letter").click()
    page.get_by_label("Begin with").select_option("letter:fr")
    page.get_by_role("button", name=f"Write for {CODE}").click()
    expect(page.get_by_label("Name of the recipient")).to_have_value("Mme Hélène Durand")
    previewed(visit)
    expect(page.locator("#preview")).to_contain_text("Form of address")
    page.get_by_role("button", name=f"Issue for {CODE}").click()
    expect(page.get_by_role("alert")).to_contain_text("The field “Form of address” is empty")
    visit.station("letters-04-refused", whole=True)
    page.get_by_label("Form of address").fill("Madame")
    page.get_by_label("Text", exact=True).fill("{{salutation}},\n\nNous **quittons** les lieux.")
    expect(page.locator("#preview")).not_to_contain_text("Not ready", timeout=30_000)
    previewed(visit)
    visit.station("letters-05-written", whole=True)
    page.get_by_role("button", name=f"Issue for {CODE}").click()
    expect(page.locator("main")).to_contain_text("Issued, sealed and attached", timeout=30_000)
    visit.station("letters-06-issued")


def verifies(visit: Visit, content: bytes, code: str, folder: Path) -> None:
    page = visit.go("/verify").page
    true, changed = folder / "letter.pdf", folder / "changed.pdf"
    true.write_bytes(content)
    half = len(content) // 2
    changed.write_bytes(content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])
    sent: list[bytes] = []
    page.on("request", lambda one: sent.append(one.post_data_buffer or b""))
    page.set_input_files("#verify-file", true)
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("#answer")).to_contain_text("Genuine and unchanged")
    expect(page.locator("#answer")).to_contain_text(hashlib.sha256(content).hexdigest())
    # The file stayed where it was.
    assert not any(b"%PDF" in one for one in sent)
    visit.station("letters-07-genuine", whole=True)
    page.set_input_files("#verify-file", changed)
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("#answer")).to_contain_text("Not known here")
    visit.station("letters-08-tampered", whole=True)
    page.fill("#verify-code", code.lower())
    page.get_by_role("button", name="Verify").click()
    expect(page.locator("#answer")).to_contain_text("belongs to an issued document")


def test_from_letterhead_to_verification(people: People, tmp_path: Path) -> None:
    number = Forms(people, USER).raise_item(
        SLUG, "letter_draft", title="Fin du bail", language="fr", message="Nous partons en juin.",
        recipient="Mme Hélène Durand\n12 rue des Tilleuls\n69003 Lyon", signatory="Claire Martin",
    )  # fmt: skip
    operator = Forms(people, OPERATOR)
    for act in ("/assign", "/start"):
        operator.send(f"/c/{SLUG}/requests/{number}", act)
    with speaking(people.system, "en"):
        with people.visit(ADMIN, locale="en-GB", viewport=PHONE) as visit:
            sets_letterhead(visit)
        with people.visit(OPERATOR, locale="en-GB", viewport=DESKTOP) as visit:
            writes(visit, number)
        [[code, sha256]] = people.system.rows(
            "SELECT v.code, v.sha256 FROM document_versions v JOIN documents d"
            " ON d.id = v.document_id JOIN requests r ON r.id = d.request_id"
            " JOIN tenants t ON t.id = r.tenant_id WHERE t.slug = %(s)s AND r.number = %(n)s",
            s=SLUG, n=number,
        )  # fmt: skip
        found = [one for one in people.system.folder.rglob(sha256) if one.is_file()]
        with people.visit(USER, locale="en-GB", viewport=PHONE) as visit:
            verifies(visit, found[0].read_bytes(), code, tmp_path)
