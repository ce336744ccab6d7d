"""The first use of the seal by two at once, and a timestamp authority that answers over HTTP."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.documents.printing.letterheads import Letterhead, Sheet
from app.documents.sealing import services
from app.documents.sealing.models import ROOT, SEAL
from app.documents.sealing.queries import list_certificates
from app.documents.sealing.timestamps import authority
from app.documents.templating.filling import Wording, fill
from tests.documents.sealing.test_seal import clock
from tests.factories import acting

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
"""
Answer = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def letter() -> bytes:
    filled = fill(Wording("letter", "Subject", "Text"), {})
    return Sheet("letter", filled.data, Letterhead("Lentier"), "fr", datetime.now(UTC)).pdf()


def test_two_first_uses_at_once_make_one_seal(
    stage: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a moment for which nobody has one yet; both have looked before either waits."""
    moment = datetime(2190, 1, 1, tzinfo=UTC)
    both, wait = threading.Barrier(2, timeout=20), services._one_at_a_time

    def looked() -> None:
        both.wait()
        wait()

    monkeypatch.setattr(services, "_one_at_a_time", looked)

    def first_use(_: int) -> str:
        with acting(stage, world.operator_a.scope(world.a)):
            return services.ensure_seal(now=moment).pem

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(first_use, range(2))
    assert one == other
    with acting(stage, world.operator_a.scope(world.a)):
        made = [row.kind for row in list_certificates() if row.starts_at.year > 2180]
    assert sorted(made) == sorted([ROOT, SEAL])


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """A server on this machine that answers each query so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            made = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(made)))
            self.end_headers()
            self.wfile.write(made)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def openssl(tmp_path: Path) -> Answer:
    """An authority as OpenSSL plays it."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl here")
    assert program
    certificate, key = clock(datetime.now(UTC))
    for name, content in (("clock.der", certificate), ("key.der", key), ("serial", b"01\n")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "tsa.cnf").write_text(CONFIG.format(folder=tmp_path))

    def run(*words: str) -> None:
        subprocess.run([str(program), *words], cwd=tmp_path, check=True, capture_output=True)

    run("x509", "-inform", "DER", "-in", "clock.der", "-out", "clock.pem")
    run("pkey", "-inform", "DER", "-in", "key.der", "-out", "key.pem")

    def answer(query: bytes) -> bytes:
        (tmp_path / "query").write_bytes(query)
        run("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query", "-signer", "clock.pem",
            "-inkey", "key.pem", "-out", "reply")  # fmt: skip
        return (tmp_path / "reply").read_bytes()

    return answer


def test_an_authority_on_the_network_says_the_time(
    stage: Any, world: Any, letter: bytes, openssl: Answer
) -> None:
    now = datetime.now(UTC)
    with answering(openssl) as url, acting(stage, world.operator_a.scope(world.a)):
        made = services.seal(letter, now=now, timestamper=authority(url))
        found = services.read(made)
    assert found
    assert (found.good, found.stamped) == (True, True)


@pytest.mark.parametrize("said", [b"<html>busy</html>", b"", bytes.fromhex("30053003020102")])
def test_what_is_no_stamp_seals_nothing(stage: Any, world: Any, letter: bytes, said: bytes) -> None:
    """Words, nothing, and an authority that refuses."""
    with answering(lambda _: said) as url, acting(stage, world.operator_a.scope(world.a)):
        stamper = authority(url)
        with pytest.raises(services.NoTimestamp):
            services.seal(letter, now=datetime.now(UTC), timestamper=stamper)


def test_an_authority_that_does_not_speak_http_seals_nothing(
    stage: Any, world: Any, letter: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            with suppress(OSError):
                while True:
                    found, _ = server.accept()
                    with found:
                        found.recv(65536)
                        found.sendall(b"220 mail.example ready\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        stamper = authority(f"http://127.0.0.1:{server.getsockname()[1]}/tsa")
        try:
            with (
                acting(stage, world.operator_a.scope(world.a)),
                pytest.raises(services.NoTimestamp),
            ):
                services.seal(letter, now=datetime.now(UTC), timestamper=stamper)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_the_answer_to_another_question_seals_nothing(
    stage: Any, world: Any, letter: bytes, openssl: Answer
) -> None:
    kept: list[bytes] = []

    def first(query: bytes) -> bytes:
        kept.append(kept[0] if kept else openssl(query))
        return kept[0]

    with answering(first) as url, acting(stage, world.operator_a.scope(world.a)):
        stamper = authority(url)
        with pytest.raises(services.NoTimestamp):
            services.seal(letter, now=datetime.now(UTC), timestamper=stamper)
    assert len(kept) > 1
