"""A slip to be taken along: printed, as data, or in one archive with the file that it is about."""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime

from flask import Response, send_file

from app.documents.checking.shown import shown_content
from app.documents.checking.slip_pdf import About, slip_pdf
from app.documents.models import Document, DocumentVersion, ValidationSlip
from app.documents.queries import find_slip, get_file
from app.web.formats import datetime_text
from app.web.i18n import language, text, zone
from tenants import files
from tenants.core.errors import Conflict, NotFound
from tenants.core.text import _m
from tenants.jobs import JobStatus, list_of_subject


class BeingChecked(Conflict):
    code = "being_checked"
    message = _m("The file is being checked. Take it along with its slip when that is done.")


def running_check(version: DocumentVersion) -> JobStatus | None:
    jobs = list_of_subject(subject_id=version.id)
    return next((one for one in jobs if not one.ended), None)


def file_name(version: DocumentVersion) -> str:
    return get_file(version).name if version.file_id is not None else ""


def slip_name(version: DocumentVersion) -> str:
    return f"{_stem(version)}-slip"


def slip_file(
    slip: ValidationSlip, document: Document, version: DocumentVersion, company: str
) -> Response:
    made = _printed(slip, document, version, company)
    return _sent(made, "application/pdf", f"{slip_name(version)}.pdf")


def slip_data(slip: ValidationSlip, version: DocumentVersion) -> Response:
    return _sent(_data(slip), "application/json", f"{slip_name(version)}.json")


def with_slip(
    document: Document, version: DocumentVersion, company: str,
    beside: Sequence[DocumentVersion] = (),
) -> Response:  # fmt: skip
    """The file with its last slip; `beside` are further versions that belong to it. NotFound for one
    that was never checked, Conflict while it is being checked."""
    slip = find_slip(version_id=version.id)
    if running_check(version) is not None:
        raise BeingChecked
    if slip is None:
        raise NotFound
    found = [(file_name(one), files.read(get_file(one))) for one in (version, *beside)]
    found += [
        (f"{slip_name(version)}.pdf", _printed(slip, document, version, company)),
        (f"{slip_name(version)}.json", _data(slip)),
    ]
    return _sent(zipped(found, slip.at), "application/zip", f"{_stem(version)}.zip")


def zipped(found: Sequence[tuple[str, bytes]], at: datetime) -> bytes:
    """Under names that lead nowhere else, each once; the same files give the same bytes."""
    out, used = io.BytesIO(), set()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (wanted, content) in enumerate(found, start=1):
            name = files.safe_name(wanted)
            if name.casefold() in used:
                name = f"{number}-{name}"
            used.add(name.casefold())
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def _data(slip: ValidationSlip) -> bytes:
    return json.dumps(slip.content, ensure_ascii=False, indent=2).encode()


def _printed(
    slip: ValidationSlip, document: Document, version: DocumentVersion, company: str
) -> bytes:
    words = text(_m("Document %(number)s, version %(version)s"),
                 {"number": document.number, "version": version.number})  # fmt: skip
    return slip_pdf(
        shown_content(slip.content), About(company, file_name(version), words, slip.kept_by_name),
        lang=language(), translate=text,
        moment=lambda moment: datetime_text(moment.astimezone(zone()), language()),
    )  # fmt: skip


def _stem(version: DocumentVersion) -> str:
    stem = re.sub(r"[^\w.-]+", "-", file_name(version).rpartition(".")[0], flags=re.ASCII)
    return stem.strip("-.")[:60] or "document"


def _sent(content: bytes, kind: str, name: str) -> Response:
    response = send_file(
        io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, etag=False
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
