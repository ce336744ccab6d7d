"""A bank's CSV that no profile knows, from its refusal to its lines."""

import html
import re
from typing import Any

import pytest

from app.service_requests.services.intake import Upload
from tests.factories.jobs import run_jobs
from tests.finance.control import HTMX, Desk, uploads

TABLE = (
    "Relevé du mois d'octobre\nJour|Somme|Texte libre|Solde final\n"
    "20261002|50.00|Facture F-1|150.00\n20261003|-10.00|Frais|140.00\n20261004|abc|Faute|\n"
)


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Desk:
    items = uploads()[0]
    table = Upload("statement", "october.csv", "text/csv", TABLE.encode())
    return Desk(stage, world, sign_in_as).raised([items, table]).started()


def profiles(desk: Desk) -> int:
    return int(
        desk.stage.value(
            "SELECT count(*) FROM bank_csv_profiles WHERE tenant_id = :t", t=desk.company.id
        )
    )


def form_of(page: str) -> dict[str, str]:
    """What the page would send as it stands."""
    sent = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            sent[name[1]] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(
        r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    return sent


def test_an_unknown_file_is_refused_with_its_columns_and_leads_to_the_profile(desk: Desk) -> None:
    page = desk.operator.get(desk.request_url).text
    assert "Jour, Somme, Texte libre, Solde final" in html.unescape(page)
    assert f"{desk.url}/csv-profile" in page
    assert f"{desk.url}/csv-profile" not in desk.client.get(desk.request_url).text


def test_the_page_guesses_and_shows_the_first_lines(desk: Desk) -> None:
    page = desk.operator.get(f"{desk.url}/csv-profile").text
    sent = form_of(page)
    assert (sent["separator"], sent["skip_rows"], sent["date_format"], sent["decimal_mark"]) == (
        "|", "1", "YYYYMMDD", ".",
    )  # fmt: skip
    assert [sent[f"meaning-{n}"] for n in range(4)] == [
        "booked_on", "amount", "remittance", "balance",
    ]  # fmt: skip
    assert "3 rows" in page
    assert "1 rejected" in page
    assert "“abc” is not a number" in page


def test_the_preview_follows_what_is_chosen_and_keeps_nothing(desk: Desk) -> None:
    sent = form_of(desk.operator.get(f"{desk.url}/csv-profile").text)
    sent["date_format"] = "DD/MM/YYYY"
    answer = desk.operator.post(f"{desk.url}/csv-profile/preview", data=sent, headers=HTMX)
    assert answer.status_code == 200
    assert "3 rejected" in answer.text
    assert "20261002" in answer.text
    sent["separator"] = ";"
    other = desk.operator.post(f"{desk.url}/csv-profile/preview", data=sent, headers=HTMX)
    assert "Jour|Somme" in other.text
    assert profiles(desk) == 0


def test_a_saved_profile_reads_this_file_and_the_next_ones(desk: Desk) -> None:
    sent = form_of(desk.operator.get(f"{desk.url}/csv-profile").text) | {
        "name": "Caisse locale", "account": "FR76 3000 1007 9412 3456 7890 185",
    }  # fmt: skip
    answer = desk.operator.post(f"{desk.url}/csv-profile", data=sent)
    assert answer.status_code == 303
    assert run_jobs(desk.stage, desk.company.id)[0] == "finance.prepare_payment_control"
    page = desk.operator.get(desk.request_url).text
    assert "CSV · Caisse locale" in page
    row = desk.stage.rows(
        "SELECT state, lines_in, lines_rejected FROM payment_controls WHERE request_id = :r",
        r=desk.request_id,
    )[0]
    assert tuple(row) == ("ready", 3, 1)
    sealed = desk.stage.value(
        "SELECT account_sealed FROM bank_csv_profiles WHERE tenant_id = :t", t=desk.company.id
    )
    assert "3000100794" not in sealed
    again = form_of(desk.operator.get(f"{desk.url}/csv-profile").text)
    assert again["name"] == "Caisse locale"
    assert again["account"] == "FR7630001007941234567890185"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "Give the profile a name"),
        ({"meaning-0": ""}, "which column holds the booking date"),
        ({"meaning-1": ""}, "which column holds the amount"),
        ({"meaning-2": "balance"}, "Only the text may stand in several columns"),
        ({"currency": "EURO?"}, None),
        ({"currency": "E1"}, "three letters"),
        ({"account": "DE00 1234"}, "no valid IBAN"),
    ],
)
def test_a_profile_that_reads_nothing_is_refused_at_its_field(
    desk: Desk, change: dict[str, str], sentence: str | None
) -> None:
    sent = form_of(desk.operator.get(f"{desk.url}/csv-profile").text) | {"name": "X"} | change
    answer = desk.operator.post(f"{desk.url}/csv-profile", data=sent)
    assert answer.status_code == (422 if sentence else 303)
    if sentence:
        assert sentence in html.unescape(answer.text)
        assert profiles(desk) == 0


def test_another_clients_form_saves_nothing(desk: Desk) -> None:
    sent = form_of(desk.operator.get(f"{desk.url}/csv-profile").text) | {"name": "X"}
    sent["client"] = desk.world.b.slug
    assert desk.operator.post(f"{desk.url}/csv-profile", data=sent).status_code == 409
    assert desk.client.get(f"{desk.url}/csv-profile").status_code == 403
