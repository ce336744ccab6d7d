from dataclasses import replace
from typing import Any

import pytest

from app.config import Settings, SettingsError


@pytest.fixture
def demo(app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], demo=True))


@pytest.mark.parametrize("address", ["192.168.1.20", "10.0.0.7", "2001:db8::1", "nonsense"])
def test_a_demonstration_refuses_other_machines(demo: None, client: Any, address: str) -> None:
    for path in ("/sign-in", "/healthz", "/nowhere"):
        page = client().get(path, environ_base={"REMOTE_ADDR": address})
        assert page.status_code == 403, path


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.53", "::1"])
def test_a_demonstration_answers_its_own_machine(demo: None, client: Any, address: str) -> None:
    page = client().get("/sign-in", environ_base={"REMOTE_ADDR": address})
    assert page.status_code == 200


@pytest.mark.parametrize("url", ["http://10.0.0.7:8000", "https://coulisse.example", "http://x"])
def test_a_demonstration_does_not_start_under_another_name(
    environment: Any, monkeypatch: Any, url: str
) -> None:
    monkeypatch.setenv("COULISSE_DEMO", "1")
    monkeypatch.setenv("COULISSE_BASE_URL", url)
    with pytest.raises(SettingsError, match="loopback"):
        Settings.from_env()
