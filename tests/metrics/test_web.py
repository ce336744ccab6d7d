"""What the web process counts, and that no tenant reaches it."""

import socket
import urllib.request

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from dev.processes import free_port
from tenants.core import metrics


def figures() -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(generate_latest(metrics.REGISTRY).decode())
        for sample in family.samples
    }


def test_the_product_has_no_such_page(client, world, sign_in_as) -> None:
    assert client().get("/metrics").status_code == 404
    for person in (world.a.admin, world.operator_a, world.provider_admin):
        browser = sign_in_as(person)
        for path in ("/metrics", world.a.url("metrics")):
            assert browser.get(path).status_code == 404, (person.name, path)


def test_requests_are_counted_by_endpoint_and_status(client, world, sign_in_as) -> None:
    before = figures()
    browser = sign_in_as(world.a.user)
    assert browser.get(world.a.url("requests?q=CANARY")).status_code == 200
    assert browser.get(world.b.url("requests")).status_code == 404
    client().get(f"/{world.a.slug}/no-such-page")
    after = figures()

    def more(*key: str) -> float:
        return after.get(key, 0) - before.get(key, 0)

    requests = "coulisse_http_requests_total"
    assert more(requests, "200", "GET", "service_requests.list_requests") == 1
    assert more(requests, "404", "GET", "service_requests.list_requests") == 1
    assert more(requests, "404", "GET", "none") == 1
    assert more("coulisse_http_request_seconds_count", "service_requests.list_requests") == 2
    assert after["coulisse_http_requests_in_flight",] == 0
    assert after["coulisse_db_pool_size",] >= 1
    text = generate_latest(metrics.REGISTRY).decode()
    assert world.a.canary not in text
    assert world.a.slug not in text
    assert str(world.a.id) not in text


def test_it_answers_on_a_port_of_its_own_and_on_loopback(monkeypatch) -> None:
    port = free_port(near=19_300, taken=set())
    monkeypatch.setenv("COULISSE_METRICS_PORT", str(port))
    monkeypatch.delenv("COULISSE_METRICS_HOST", raising=False)
    metrics.serve()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "coulisse_http_requests_in_flight" in text
    listening = socket.gethostbyname(socket.gethostname())
    if not listening.startswith("127."):
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((listening, port)) != 0
    # a port that is taken costs the figures, not the process
    metrics.serve()


def test_it_is_off_unless_a_port_is_given(monkeypatch) -> None:
    monkeypatch.delenv("COULISSE_METRICS_PORT", raising=False)
    monkeypatch.setattr(metrics, "start_http_server", None)
    metrics.serve()
