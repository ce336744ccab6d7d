"""The text of a PDF as a reader sees it, by poppler's pdftotext; skipped where that is missing."""

import shutil
import subprocess

import pytest


def words_of(pdf: bytes) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is missing: install Debian's poppler-utils to read pages back")
    done = subprocess.run(
        [program, "-raw", "-", "-"], input=pdf, capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode().replace("\u200b", "")
