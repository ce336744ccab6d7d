"""Who says when a file was sealed: a timestamp authority where one is set up, else our own clock."""

from __future__ import annotations

import asyncio
import urllib.request
from functools import cache
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10
LARGEST = 64 * 1024
_GRANTED = ("granted", "granted_with_mods")


class TimestampUnavailable(RuntimeError):
    pass


@cache
def authority(url: str) -> Any:
    """A timestamper of pyHanko that asks this address by RFC 3161."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps.api import TimeStamper
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("COULISSE_TIMESTAMP_URL must begin with https:// or http://")

    class Authority(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            answer = await asyncio.to_thread(_asked, url, req.dump())
            try:
                found = tsp.TimeStampResp.load(answer)
                status = found["status"]["status"].native
            except (ValueError, TypeError) as error:
                raise TimestampUnavailable("this is no timestamp") from error
            if status not in _GRANTED:
                raise TimestampUnavailable(status)
            return found

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            """What answers another question is no answer."""
            try:
                return await super().async_timestamp(message_digest, md_algorithm)
            except (TimestampRequestError, AttributeError) as error:
                # pyHanko 0.38 stumbles over its own sentence about another nonce.
                raise TimestampUnavailable(str(error)) from error

    return Authority()  # type: ignore[no-untyped-call]


def _asked(url: str, body: bytes) -> bytes:
    headers = {
        "Content-Type": "application/timestamp-query",
        "Accept": "application/timestamp-reply",
    }
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310  its scheme was looked at
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            found: bytes = answer.read(LARGEST)
    except (OSError, HTTPException) as error:
        raise TimestampUnavailable(str(error)) from error
    return found
