"""`python -m tests.faults.web PORT`: the product's web server, which may be killed at its points."""

import sys

from waitress import serve  # type: ignore[import-untyped]

from app.factory import create_app
from tests.faults import points

if __name__ == "__main__":
    points.install("web")
    serve(create_app(), listen=f"127.0.0.1:{sys.argv[1]}", threads=4, ident="")
