"""A better file in the place of one that couldn't be used."""

import hashlib
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.documents.language import translator
from app.finance.models import PaymentControl
from app.finance.queries import has_confirmed
from app.finance.sales_invoices.list_files import open_items_sheet
from app.finance.sales_invoices.queries import list_open
from app.finance.services.holding import require_right, require_work
from app.finance.services.reading import open_control
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import list_files
from app.service_requests.services.intake import Upload, attach
from app.service_requests.services.moves import RequestMoveRefused, touch
from app.service_requests.transitions import STATES, WORKING
from app.spreadsheets.writing import KINDS, write
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.jobs import JobStatus, enqueue, find_status, get_status
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.uploads import take_file

SLOTS = ("open_items", "statement")
SALES_INVOICES = "sales_invoice.work"


class StillReading(Conflict):
    code = "still_reading"
    message = _m("The files are being read. Wait until that is done, then send the new one.")


class DecidedAlready(Conflict):
    code = "decided_already"
    message = _m(
        "Matches of these files are confirmed already. A new file would throw that work away: "
        "undo the confirmations first, or raise a new request."
    )


class NothingOpen(Conflict):
    code = "nothing_open"
    message = _m("No invoice that was issued here is open.")


def find_reading(*, request: ServiceRequest, control: PaymentControl | None) -> JobStatus | None:
    """The job that reads the request's present files; the first one is enqueued by intake."""
    if control is not None and control.job_id is not None:
        return get_status(tenant_id=control.tenant_id, job_id=control.job_id)
    return find_status(key=f"raised:{request.id}")


def may_replace(*, request: ServiceRequest, actor: Actor) -> bool:
    """By rights and the request's state; replace_file looks at the files themselves too."""
    state_fits = request.state in ("new", "waiting_client", *WORKING)
    return state_fits and actor.can(_right(actor), request.line)


def replace_file(*, request: ServiceRequest, actor: Actor, now: datetime, upload: Upload) -> bool:
    """Put the file in its slot and read again; False when it is the very file that is there."""
    actor.require(_right(actor), request.line)
    # In this order everywhere: the request's row, then the control's.
    db.session.refresh(request, with_for_update={"key_share": True})
    _check(request, actor, upload)
    control = _idle_control(request, now)
    sha256 = hashlib.sha256(upload.content).hexdigest()
    present = [row for row in list_files(request_id=request.id) if row.slot == upload.slot]
    if present and present[-1].sha256 == sha256:
        return False
    if has_confirmed(control=control):
        raise DecidedAlready
    stored = take_file(
        name=upload.name, content_type=upload.content_type, content=upload.content,
        actor=actor, now=now,
    )  # fmt: skip
    attach(request, file_id=stored.id, slot=upload.slot, actor=actor, now=now)
    db.session.flush()
    control.state = "reading"
    if not missing_slots(request=request):
        control.job_id = enqueue(
            "finance.prepare_payment_control", queue="interactive", key=f"replaced:{stored.id}",
            actor_id=actor.user_id, request_id=request.id, **_told(request),
        )  # fmt: skip
    touch(request)
    audit.record(
        "finance.payment_control.file_replaced", actor=actor, now=now, object_type="request",
        object_id=request.id, slot=upload.slot, file=stored.id, sha256=sha256,
    )  # fmt: skip
    db.session.flush()
    return True


def take_own_invoices(*, request: ServiceRequest, actor: Actor, now: datetime) -> bool:
    """The open invoices that were issued here as the list of open items; False when it is the
    very list that is there."""
    actor.require(SALES_INVOICES, request.line)
    rows = list_open()
    if not rows:
        raise NothingOpen
    language = get_tenant().document_language
    sheet = open_items_sheet(rows, translator(language))
    day = now.astimezone(ZoneInfo(get_tenant().time_zone)).date()
    upload = Upload(
        slot="open_items", name=f"{sheet.code}-{day.isoformat()}.csv", content_type=KINDS["csv"],
        content=write(sheet, "csv"),
    )  # fmt: skip
    return replace_file(request=request, actor=actor, now=now, upload=upload)


def missing_slots(*, request: ServiceRequest) -> list[str]:
    """Of a request that was raised by itself, before its files were there."""
    present = {row.slot for row in list_files(request_id=request.id)}
    return [slot for slot in SLOTS if slot not in present]


def statement_bytes(*, control: PaymentControl) -> bytes:
    if control.statement_file_id is None:
        raise NotFound
    return files.read(files.get_file(file_id=control.statement_file_id))


def read_again(*, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """The same two files once more, because a profile changed; undecided work on them goes."""
    require_right(request, actor)
    db.session.refresh(request, with_for_update={"key_share": True})
    require_work(request, actor)
    control = _idle_control(request, now)
    if has_confirmed(control=control):
        raise DecidedAlready
    control.state = "reading"
    control.job_id = enqueue(
        "finance.prepare_payment_control", queue="interactive",
        key=f"read_again:{request.id}:{now.isoformat()}", actor_id=actor.user_id,
        request_id=request.id, **_told(request),
    )  # fmt: skip
    touch(request)
    db.session.flush()


def _told(request: ServiceRequest) -> dict[str, Any]:
    """What people read of the job while it runs."""
    return {
        "title": _m("Reading the files of request %(number)s"),
        "title_params": {"number": request.number},
        "for_client": True,
        "subject": ("request", request.id),
    }


def _idle_control(request: ServiceRequest, now: datetime) -> PaymentControl:
    """Held until the end of the transaction; its files are not being read."""
    control = open_control(request=request, now=now)
    db.session.refresh(control, with_for_update=True)
    status = find_reading(request=request, control=control)
    if control.state == "reading" and status is not None and not status.ended:
        raise StillReading
    return control


def _right(actor: Actor) -> str:
    return "request.answer" if actor.side == "client" else "payment_control.work"


def _check(request: ServiceRequest, actor: Actor, upload: Upload) -> None:
    if upload.slot not in SLOTS:
        raise Invalid(field_errors={"file": [_m("Say which of the two files this is.")]})
    if not may_replace(request=request, actor=actor):
        raise RequestMoveRefused(state=STATES[request.state])
