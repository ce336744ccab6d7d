import ast
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dev import preflight


def test_an_old_python_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "newer_python", lambda: "python3.13")
    assert preflight.wrong_version((3, 9)) == (
        "Coulisse needs Python 3.11 or newer, this is 3.9: make PYTHON=python3.13 run."
    )
    assert preflight.wrong_version((3, 14)) is None


def test_a_missing_venv_module_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    sentence = preflight.missing_modules((3, 11))
    assert sentence is not None
    assert "apt-get install python3.11-venv" in sentence


def test_a_taken_port_proposes_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = preflight.taken_port(str(port))
    assert sentence is not None
    assert f"Port {port} is taken" in sentence
    assert preflight.taken_port(str(port)) is None


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_port_must_be_one(port: str) -> None:
    assert preflight.taken_port(port) == f"PORT must be a number from 1 to 65535, not {port}."


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    sentence = preflight.unwritable(str(absent))
    assert sentence is not None
    assert str(absent) in sentence
    assert preflight.unwritable(str(tmp_path)) is None
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(preflight, "NEEDED_BYTES", 1024**6)
    sentence = preflight.full_disk(str(tmp_path))
    assert sentence is not None
    assert "free disk space" in sentence


def test_it_runs_alone_and_says_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = subprocess.run(
            [sys.executable, "-I", preflight.__file__, "run"],
            env={"PORT": str(taken.getsockname()[1])},
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1


def test_it_parses_on_an_old_python() -> None:
    ast.parse(Path(preflight.__file__).read_text(), feature_version=(3, 6))
