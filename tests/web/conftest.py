import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.web.gallery import create_gallery


@pytest.fixture(scope="session")
def gallery() -> Flask:
    return create_gallery()


@pytest.fixture
def client(gallery):
    return gallery.test_client()


@pytest.fixture(scope="session")
def server(gallery) -> Iterator[str]:
    httpd = make_server("127.0.0.1", 0, gallery, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def browser(chromium):
    return chromium
