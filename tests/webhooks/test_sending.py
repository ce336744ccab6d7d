"""Where messages may go, and how long anybody may keep us: against real receivers."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks.addresses import (
    NO_FRAGMENT,
    NO_PASSWORD,
    NOT_AN_ADDRESS,
    NOT_PUBLIC,
    ONLY_HTTPS,
    WRONG_PORT,
    AddressRefused,
    is_public,
    read_url,
)
from app.webhooks.sending import Answer, Sender
from tests.factories.webhooks import (
    Receiver,
    dripping,
    endless,
    hanging_up,
    silent,
    status,
)

NAME = "hooks.client.example"
HERE = Sender(local=True, connect_seconds=1, total_seconds=1)


def post(sender: Sender, url: str) -> Answer:
    return sender.post(url, headers={"webhook-id": "evt_1"}, body=b"{}")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.client.example/x", ONLY_HTTPS),
        ("ftp://hooks.client.example/x", ONLY_HTTPS),
        ("hooks.client.example/x", NOT_AN_ADDRESS),
        ("https:///x", NOT_AN_ADDRESS),
        ("https://hooks.client.example/a b", NOT_AN_ADDRESS),
        ("https://hooks.client.example/a\r\nHost: x", NOT_AN_ADDRESS),
        ("https://hooks.client.example:99999/", NOT_AN_ADDRESS),
        (f"https://hooks.client.example/{'x' * 500}", NOT_AN_ADDRESS),
        ("https://ada:secret@hooks.client.example/", NO_PASSWORD),
        ("https://@hooks.client.example/", NO_PASSWORD),
        ("https://hooks.client.example/#part", NO_FRAGMENT),
        ("https://hooks.client.example:25/", WRONG_PORT),
        ("https://hooks.client.example:0/", WRONG_PORT),
        ("https://127.0.0.1/", NOT_PUBLIC),
        ("https://[::1]/", NOT_PUBLIC),
        ("https://[::ffff:10.0.0.1]/", NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data", NOT_PUBLIC),
        ("https://localhost/", NOT_PUBLIC),
        ("https://database/", NOT_PUBLIC),
        ("https://metadata.google.internal/", NOT_PUBLIC),
        ("https://printer.local./", NOT_PUBLIC),
    ],
)
def test_addresses_that_are_refused_at_once(url: str, why: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_url(url)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.1",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "192.0.0.192", "192.0.2.1",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::10.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "",
        "hooks.client.example",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "2a00::1"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "points_to",
    [["127.0.0.1"], ["10.0.0.5"], ["::1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"]],
)
def test_a_name_that_points_inside_gets_nothing(points_to: list[str]) -> None:
    with Receiver() as receiver:
        sender = Sender(resolve=lambda *_: points_to, connect_seconds=1, total_seconds=1)
        answer = post(sender, f"https://{NAME}:{receiver.port}/")
    assert (answer.status, answer.trouble) == (None, "inside")
    assert receiver.got == []


def test_a_name_is_looked_up_once_and_that_very_address_is_spoken_to(tmp_path: Path) -> None:
    """A second look-up would find what an attacker changed meanwhile."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    server, client = contexts(tmp_path, NAME)
    with Receiver(tls=server) as receiver:
        answer = post(
            Sender(local=True, resolve=rebinding, tls=client), f"https://{NAME}:{receiver.port}/in"
        )
    assert answer.status == 204
    assert asked == [NAME]
    assert receiver.names == [NAME]
    assert receiver.got[0].headers["Host"] == f"{NAME}:{receiver.port}"
    assert receiver.got[0].path == "/in"


def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    server, client = contexts(tmp_path, "others.example")
    with Receiver(tls=server) as receiver:
        sender = Sender(local=True, resolve=lambda *_: ["127.0.0.1"], tls=client)
        answer = post(sender, f"https://{NAME}:{receiver.port}/")
        unknown = post(
            Sender(local=True, resolve=lambda *_: ["127.0.0.1"]), f"https://{NAME}:{receiver.port}/"
        )
    assert (answer.status, answer.trouble) == (None, "certificate")
    assert unknown.trouble == "certificate"
    assert receiver.got == []


def test_a_redirect_is_not_followed() -> None:
    with Receiver() as inside, Receiver(answer=status(302, Location=inside.url)) as receiver:
        answer = post(HERE, receiver.url)
    assert answer.status == 302
    assert len(receiver.got) == 1
    assert inside.got == []


def test_proxies_of_the_environment_count_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(HERE, receiver.url).status == 204
    assert (len(receiver.got), len(proxy.got)) == (1, 0)


def test_of_a_big_answer_little_is_read_and_less_is_kept() -> None:
    with Receiver(answer=endless) as receiver:
        began = time.monotonic()
        answer = post(HERE, receiver.url)
    assert answer.status == 200
    assert answer.text == "x" * 1024
    assert time.monotonic() - began < 0.9


def test_what_is_kept_of_an_answer_can_be_shown_and_stored() -> None:
    with Receiver(answer=status(500, b"\x00\x1b[31mh\xc3\xa9\xff\nnext")) as receiver:
        assert post(HERE, receiver.url).text == "  [31mh\u00e9\ufffd\nnext"


@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [(silent, "slow"), (dripping, "slow"), (hanging_up, "closed")],
)
def test_a_receiver_keeps_us_no_longer_than_the_limit(behaviour: Any, trouble: str) -> None:
    with Receiver(answer=behaviour) as receiver:
        began = time.monotonic()
        answer = post(HERE, receiver.url)
    assert (answer.status, answer.trouble) == (None, trouble)
    assert time.monotonic() - began < 2


def test_a_slow_look_up_is_left_behind() -> None:
    def slow(*_: Any) -> list[str]:
        time.sleep(3)
        return ["1.1.1.1"]

    began = time.monotonic()
    answer = post(Sender(resolve=slow, connect_seconds=0.2), f"https://{NAME}/")
    assert (answer.trouble, time.monotonic() - began < 2) == ("unknown", True)


def test_an_unknown_name_and_a_closed_port_say_so() -> None:
    assert post(Sender(resolve=lambda *_: []), f"https://{NAME}/").trouble == "unknown"
    assert post(HERE, "http://127.0.0.1:1024/").trouble == "closed"


def contexts(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for `name`, and a client that trusts who made it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=str(pem))
