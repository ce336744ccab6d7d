"""The receiver that a mail server delivers to over LMTP. 250 says that a mail is kept: it is said
after the commit, for each recipient by itself. Whoever hears no 250 delivers again."""

import asyncio
import logging
import signal
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from flask import Flask
from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.mail_in.addresses import Recipient, parse
from app.mail_in.queries import find_tenant_of
from app.mail_in.reading.message import LARGEST
from app.mail_in.services.receiving import receive
from tenants.core import clock
from tenants.core.db import db, unit_of_work
from tenants.core.errors import Conflict, TooLarge, TooMany
from tenants.core.metrics import REGISTRY
from tenants.core.metrics import serve as serve_metrics
from tenants.scoping import Scope, enter

log = logging.getLogger(__name__)

KEPT = "250 2.0.0 kept"
UNKNOWN = "550 5.1.1 nobody has this address"
LATER = "451 4.3.0 not now, try again"
FLOOD = "452 4.7.0 too many mails within an hour, try again later"
LARGE = "552 5.3.4 a mail may have 20 MB"
CROWD = "452 4.5.3 too many recipients"
RECIPIENTS = 50
IDLE_SECONDS = 120.0
THREADS = 4


MAILS = Counter(
    "coulisse_lmtp_recipients", "Recipients whom the mail server was answered about",
    ["outcome", "why"], registry=REGISTRY,
)  # fmt: skip
SECONDS = Histogram(
    "coulisse_lmtp_seconds", "From the end of a mail to the answer",
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30), registry=REGISTRY,
)  # fmt: skip
OUTCOMES: Mapping[str, tuple[str, str]] = {
    KEPT: ("accepted", ""), UNKNOWN: ("refused", "unknown"), LARGE: ("refused", "large"),
    LATER: ("deferred", "not_now"), FLOOD: ("deferred", "flood"), CROWD: ("deferred", "recipients"),
}  # fmt: skip
for _outcome in OUTCOMES.values():
    MAILS.labels(*_outcome)


def _counted(answer: str) -> str:
    MAILS.labels(*OUTCOMES[answer]).inc()
    return answer


class Server(LMTP):
    # Some programs write a whole paragraph, or page, as one line.
    line_length_limit = 1024 * 1024

    async def push(self, status: Any) -> None:
        # What is too large ends before anybody of ours is asked.
        if isinstance(status, str) and status.startswith("552 Error"):
            _counted(LARGE)
        await super().push(status)


class Receiver:
    """What aiosmtpd calls for each step of a delivery."""

    def __init__(self, app: Flask, *, threads: int = THREADS) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="lmtp")

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return _counted(CROWD)
        answer = await self._in_thread(partial(self._whose, address))
        if isinstance(answer, str):
            return _counted(answer)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802
        self, server: LMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        with SECONDS.time():
            answers = await self._in_thread(
                partial(self._keep, raw, envelope.mail_from or "", list(envelope.rcpt_tos))
            )
        # One line for each recipient, in their order.
        return "\r\n".join(map(_counted, answers))

    async def _in_thread(self, work: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _whose(self, address: str) -> tuple[UUID, Recipient] | str:
        recipient = parse(address, domain=self._app.config["SETTINGS"].mail_in_domain)
        if recipient is None:
            return UNKNOWN
        try:
            with self._app.app_context(), unit_of_work():
                owner = find_tenant_of(recipient)
        except (DBAPIError, PoolTimeout):
            log.warning("the database is away: the mail server tries again")
            return LATER
        return (owner, recipient) if owner else UNKNOWN

    def _keep(self, raw: bytes, mail_from: str, addresses: list[str]) -> list[str]:
        """A company gets it once, however many of its addresses it names; one that answers a
        request comes before the others."""
        found = {address: self._whose(address) for address in addresses}
        answers = {address: one for address, one in found.items() if isinstance(one, str)}
        of: Mapping[UUID, list[tuple[str, Recipient]]] = defaultdict(list)
        for address, one in found.items():
            if not isinstance(one, str):
                of[one[0]].append((address, one[1]))
        for tenant_id, named in of.items():
            chosen = next((one for _, one in named if one.reply), named[0][1])
            answer = self._keep_for(tenant_id, chosen, raw, mail_from)
            answers |= dict.fromkeys((address for address, _ in named), answer)
        return [answers[address] for address in addresses]

    def _keep_for(self, tenant_id: UUID, recipient: Recipient, raw: bytes, mail_from: str) -> str:
        try:
            with self._app.app_context():
                enter(Scope(tenant_id=tenant_id, side="provider"))
                with unit_of_work():
                    receive(
                        raw=raw, envelope_from=mail_from, recipient=recipient, source="lmtp",
                        now=clock.now(),
                    )  # fmt: skip
        except TooMany:
            log.warning("a flood of mail", extra={"fields": {"tenant": str(tenant_id)}})
            return FLOOD
        except TooLarge:
            return LARGE
        except (DBAPIError, PoolTimeout, Conflict, OSError):
            log.exception("a mail could not be kept: the mail server tries again")
            return LATER
        return KEPT

    def close(self) -> None:
        self._pool.shutdown(wait=True)
        with self._app.app_context():
            db.engine.dispose()


def serve(app: Flask, *, host: str, port: int) -> None:
    """Until SIGTERM; what is being delivered then is answered first."""
    asyncio.run(_serve(app, host, port))


async def _serve(app: Flask, host: str, port: int) -> None:
    receiver, loop, over = Receiver(app), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(
        lambda: Server(
            receiver, data_size_limit=LARGEST, timeout=IDLE_SECONDS, ident="Coulisse",
            enable_SMTPUTF8=False, loop=loop,
        ),
        host, port,
    )  # fmt: skip
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, over.set)
    serve_metrics()
    log.info("mail is taken", extra={"fields": {"host": host, "port": port}})
    async with server:
        await over.wait()
    receiver.close()
