"""A file as an answer of the JSON API."""

import base64
import hashlib
from io import BytesIO

from flask import Response, send_file


def attached(content: bytes, *, name: str) -> Response:
    """With its SHA-256 in `Content-Digest` (RFC 9530); nothing of it runs in a browser. It is sent
    whole, also when a part is asked for: the digest is of what is sent."""
    response = send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True,
        download_name=name, etag=False, conditional=False,
    )  # fmt: skip
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    response.headers["Content-Digest"] = f"sha-256=:{digest}:"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
