"""A client's service reports: written, checked and sent by the provider, read by the client."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.reporting import queries, words
from app.reporting.behind import behind
from app.reporting.content import Content
from app.reporting.gathering import content_of, shown_hash
from app.reporting.models import DRAFT, ServiceReport
from app.reporting.rights import may_report, may_write, require_lines
from app.reporting.schemas import StepForm, remarks_in, words_form
from app.reporting.services import handing_over, preparing, sealing, writing
from app.reporting.summing import sums_of
from app.reporting.wording import Wording
from app.service_levels.months import read_month
from app.service_requests.presenting import state_pill, subject_of
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.i18n import language, text
from app.web.other_client import check_client
from app.web.submitting import carried_out
from tenants import files
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.endpoints import tenant

bp = Blueprint("reports", __name__, url_prefix="/c/<slug>/reports")


@bp.get("")
@tenant("report.read")
def list_reports(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    provider = actor.side == "provider"
    rows = [one for one in queries.list_reports() if provider or one.out]
    return render_template(
        "reporting/list.html", client=current_client(), provider=provider, rows=rows,
        looks={one.id: words.look_of(one, actor.side) for one in rows},
        missing=queries.list_months_without() if may_report(actor) else [],
        month_name=_month_name,
    )  # fmt: skip


@bp.post("/prepare")
@tenant("request.review")
def prepare(slug: str) -> ResponseReturnValue:
    check_client(slug)
    row = preparing.prepare_report(
        month=_month(request.form.get("month", "")), actor=current_actor(), now=clock.now()
    )
    return redirect(url_for(".show", slug=slug, month=row.name), 303)


@bp.get("/<month>")
@tenant("report.read")
def show(slug: str, month: str) -> ResponseReturnValue:
    return _page(*_readable(month))


@bp.get("/<month>/behind")
@tenant("report.read")
def show_behind(slug: str, month: str) -> ResponseReturnValue:
    """The list behind a figure."""
    row, content = _readable(month)
    side = current_actor().side
    return render_template(
        "reporting/behind.html", client=current_client(), report=row,
        found=behind(content, request.args.get("of") or "open"), provider=side == "provider",
        w=Wording(content, language(), text), subject_of=subject_of,
        pill=lambda state: state_pill(state, side),
    )  # fmt: skip


@bp.get("/<month>/file")
@tenant("report.read")
def download(slug: str, month: str) -> Response:
    """Its bytes are checked against their hash on the way."""
    row, _ = _readable(month)
    stored = queries.get_report_file(
        report=row,
        language=request.args.get("language", ""),
        kind=request.args.get("kind") or "pdf",
    )
    response = send_file(
        BytesIO(files.read(stored)), mimetype=stored.content_type, as_attachment=True,
        download_name=stored.name, etag=False,
    )  # fmt: skip
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/<month>/words")
@tenant("request.work")
def write(slug: str, month: str) -> ResponseReturnValue:
    row, content = _readable(month)
    form = BoundForm(words_form(content["lines"]), request.form)

    def work() -> None:
        check_client(slug)
        writing.write(
            month=row.month, summary=form.data["summary"], remarks=remarks_in(form.data),
            version=form.data["version"], actor=current_actor(), now=clock.now(),
        )  # fmt: skip

    return _done(month, "written") if carried_out(form, work) else _page(*_readable(month), form)


@bp.post("/<month>/check")
@tenant("request.review")
def check(slug: str, month: str) -> ResponseReturnValue:
    return _step(slug, month, "checked", lambda data, who: sealing.review(
        shown=data["shown"], version=data["version"], **who))  # fmt: skip


@bp.post("/<month>/take-back")
@tenant("request.review")
def take_back(slug: str, month: str) -> ResponseReturnValue:
    return _step(slug, month, "taken_back", lambda data, who: sealing.take_back(
        version=data["version"], **who))  # fmt: skip


@bp.post("/<month>/send")
@tenant("request.review")
def send(slug: str, month: str) -> ResponseReturnValue:
    return _step(slug, month, "sent", lambda data, who: handing_over.send(
        version=data["version"], **who))  # fmt: skip


@bp.post("/<month>/acknowledge")
@tenant("report.acknowledge")
def acknowledge(slug: str, month: str) -> ResponseReturnValue:
    return _step(slug, month, "acknowledged", lambda data, who: handing_over.acknowledge(**who))


def _step(
    slug: str, month: str, done: str, take: Callable[[dict[str, Any], dict[str, Any]], object]
) -> ResponseReturnValue:
    form = BoundForm(StepForm, request.form, prefix="step")
    who = {"month": _month(month), "actor": current_actor(), "now": clock.now()}

    def work() -> None:
        check_client(slug)
        take(form.data, who)

    if carried_out(form, work):
        return _done(month, done)
    return _page(*_readable(month), step=form)


def _done(month: str, done: str) -> ResponseReturnValue:
    slug = current_client().slug
    return redirect(url_for(".show", slug=slug, month=month, done=done), 303)


def _month(name: str) -> date:
    found = read_month(name)
    if found is None:
        raise NotFound
    return found


def _month_name(month: date) -> str:
    return Wording.month_in(month, language())


def _readable(month: str) -> tuple[ServiceReport, Content]:
    """What isn't sent is none of the client's; what holds a line that the reader doesn't see is
    closed as a whole."""
    actor = current_actor()
    row = queries.get_report(month=_month(month))
    if actor.side != "provider" and not row.out:
        raise NotFound
    content = content_of(row, now=clock.now())
    require_lines(actor, content["lines"])
    return row, content


def _page(
    row: ServiceReport, content: Content, form: BoundForm | None = None,
    step: BoundForm | None = None,
) -> Response:  # fmt: skip
    actor, slug = current_actor(), current_client().slug
    seal = queries.get_seal(row) if row.sealed else None
    writes = may_write(actor) and row.state == DRAFT
    page = render_template(
        "reporting/report.html", client=current_client(), report=row, c=content,
        w=Wording(content, language(), text), sums=sums_of(content), seal=seal,
        look=words.look_of(row, actor.side), provider=actor.side == "provider", actor=actor,
        may=may_report(actor), form=(form or _words(row, content)) if writes else None,
        own=row.written_by is not None and row.written_by == actor.user_id, step_form=step,
        hidden={"client": slug, "version": row.version, "shown": shown_hash(content)},
        files=queries.list_files(report_ids=[row.id]) if row.sealed else [],
        languages=words.LANGUAGE_NAMES, done=request.args.get("done", ""),
        here=url_for(".show", slug=slug, month=row.name),
    )  # fmt: skip
    sent = form or step
    return make_response(page, sent.status if sent else 200)


def _words(row: ServiceReport, content: Content) -> BoundForm:
    values = {"client": current_client().slug, "version": row.version, "summary": row.summary}
    remarks = {f"remark_{line}": said for line, said in row.remarks.items()}
    return BoundForm(words_form(content["lines"]), values=values | remarks)
