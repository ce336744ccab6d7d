import pytest


def test_a_browser_gets_a_page_in_its_language_with_a_number(client):
    answer = client.get("/fail/conflict", headers={"Accept-Language": "de"})
    assert answer.status_code == 409
    assert '<html lang="de"' in answer.text
    assert "Request 7 was closed." in answer.text
    assert "<code>" in answer.text


@pytest.mark.parametrize(
    "headers", [{"Accept": "application/json"}, {"Accept": "application/problem+json"}]
)
def test_machines_get_problem_details(client, headers):
    answer = client.post("/fail/invalid", headers={**headers, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "invalid"
    assert answer.json["errors"] == {"title": ["Please fill in this field."]}


def test_the_api_answers_in_json_whatever_is_accepted(client):
    answer = client.get("/api/fail/missing", headers={"Accept": "text/html"})
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == 404


def test_htmx_gets_a_toast_and_keeps_the_page(client):
    answer = client.get("/fail/conflict", headers={"HX-Request": "true", "Accept": "text/html"})
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert answer.headers["HX-Reswap"] == "beforeend"
    assert "<html" not in answer.text
    assert "Request 7 was closed." in answer.text


def test_foreign_and_missing_look_the_same(client):
    def body(path: str) -> dict[str, object]:
        found = client.get(path, headers={"Accept": "application/json"}).json
        return {name: value for name, value in found.items() if name != "request_id"}

    assert body("/fail/missing") == body("/fail/http404") == body("/nowhere")


def test_an_unexpected_error_tells_no_details(client):
    for headers in ({}, {"Accept": "application/json"}, {"HX-Request": "true"}):
        answer = client.get("/fail/crash", headers=headers)
        assert answer.status_code == 500
        assert "secret" not in answer.text


def test_other_http_errors_keep_their_status_and_headers(client):
    assert client.get("/fail/http418").status_code == 418
    answer = client.post("/desk", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost.evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
def test_forms_of_other_sites_are_refused(client, headers, status):
    assert client.post("/note", headers=headers).status_code == status


def test_links_from_anywhere_are_welcome(client):
    assert client.get("/bare", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("back_to", "expected"),
    [
        ("/desk?open=1", "/desk?open=1"),
        ("//evil.test", "/"),
        ("https://evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_the_language_switch_stays_here(client, back_to, expected):
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/language", data={"lang": "de", "next": back_to}, headers=headers)
    assert (answer.status_code, answer.location) == (303, expected)
    assert '<html lang="de"' in client.get("/bare", headers={"Accept-Language": "fr"}).text
