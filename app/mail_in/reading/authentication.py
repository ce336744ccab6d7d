"""What our own receiving server found out about a mail's sender. Everything else that calls itself
an authentication result was written by somebody else, and counts for nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from app.mail_in.reading.headers import raw_values

_ID = re.compile(r"\s*\"?([A-Za-z0-9._-]+)\"?(?=[\s;/]|$)")


@dataclass(frozen=True, slots=True)
class Findings:
    """`signed_by` are the domains whose signature our server verified."""

    signed_by: tuple[str, ...] = ()
    dmarc_failed: bool = False

    def proves(self, address: str) -> bool:
        """Whether one of the signatures speaks for the domain of this address."""
        domain = address.rpartition("@")[2]
        return any(aligned(one, domain) for one in self.signed_by)


def aligned(signing: str, sender: str) -> bool:
    """The signing domain is the sender's own, or one above it; a bare top-level domain is nobody's."""
    signing, sender = signing.lower().rstrip("."), sender.lower().rstrip(".")
    if "." not in signing.strip("."):
        return False
    return sender == signing or sender.endswith(f".{signing}")


def findings(message: Message, *, authserv_id: str) -> Findings:
    """Of the topmost result of our server; none when it can't be read without doubt."""
    ours = next(_of(message, authserv_id), "") if authserv_id else ""
    if not ours:
        return Findings()
    # A quarter of a second of expressions to compile, for what few processes ever read.
    import authres  # type: ignore[import-untyped]

    try:
        results = authres.AuthenticationResultsHeader.parse_value(ours).results
    except authres.AuthResError:
        return Findings()
    return Findings(
        signed_by=tuple(
            domain
            for one in results or []
            if _is(one, "dkim", "pass") and (domain := _signing_domain(one))
        ),
        dmarc_failed=any(_is(one, "dmarc", "fail") for one in results or []),
    )


def _of(message: Message, authserv_id: str) -> Iterator[str]:
    for value in raw_values(message, "Authentication-Results"):
        found = _ID.match(value)
        if found and found[1].lower() == authserv_id.lower():
            yield value


def _is(result: object, method: str, outcome: str) -> bool:
    found = (getattr(result, "method", "") or "", getattr(result, "result", "") or "")
    return (found[0].lower(), found[1].lower()) == (method, outcome)


def _signing_domain(result: object) -> str:
    """`header.d`; where a server writes only `header.i`, the domain in it."""
    named = {
        (one.type.lower(), one.name.lower()): one.value or ""
        for one in getattr(result, "properties", [])
    }
    domain = named.get(("header", "d")) or named.get(("header", "i"), "").rpartition("@")[2]
    return str(domain).strip().lower()
