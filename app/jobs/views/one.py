"""One job: in its company for who holds a grant there, without its content in the company's
administration, and the provider's own."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.jobs import presenting, queries
from app.jobs.schemas import DropReason, Reason
from app.jobs.several import VERBS
from app.jobs.views.blueprint import bp
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.access import ACCESS_NAMES
from tenants.company import find_tenant
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import company, provider, tenant
from tenants.jobs.transitions import TRANSITIONS

FORMS = {"replay": Reason, "drop": DropReason, "cancel": Reason}
SAID = {
    "replay": _m("The job is on its way again."),
    "drop": _m("The job will not run again."),
    "cancel": _m("The job is cancelled."),
}
Address = Callable[..., str]


@bp.get("/c/<slug>/jobs/<uuid:job_id>")
@tenant("job.handle")
def show(slug: str, job_id: UUID) -> ResponseReturnValue:
    return _page(job_id, partial(url_for, slug=slug), "show", content=True)


@bp.post("/c/<slug>/jobs/<uuid:job_id>")
@tenant("job.handle")
def decide(slug: str, job_id: UUID) -> ResponseReturnValue:
    return _decide(job_id, partial(url_for, slug=slug), "show", content=True)


@bp.get("/provider/companies/<slug>/jobs/<uuid:job_id>")
@company("provider.administer")
def show_administered(slug: str, job_id: UUID) -> ResponseReturnValue:
    return _page(job_id, partial(url_for, slug=slug), "show_administered", content=False)


@bp.post("/provider/companies/<slug>/jobs/<uuid:job_id>")
@company("provider.administer")
def decide_administered(slug: str, job_id: UUID) -> ResponseReturnValue:
    return _decide(job_id, partial(url_for, slug=slug), "show_administered", content=False)


@bp.get("/provider/own-jobs/<uuid:own_job_id>")
@provider("provider.administer")
def show_own(own_job_id: UUID) -> ResponseReturnValue:
    return _page(own_job_id, _own, "show_own", content=True)


@bp.post("/provider/own-jobs/<uuid:own_job_id>")
@provider("provider.administer")
def decide_own(own_job_id: UUID) -> ResponseReturnValue:
    return _decide(own_job_id, _own, "show_own", content=True)


def _own(endpoint: str, *, job_id: UUID, **values: Any) -> str:
    return url_for(endpoint, own_job_id=job_id, **values)


def _decide(job_id: UUID, address: Address, endpoint: str, *, content: bool) -> ResponseReturnValue:
    verb = request.form.get("verb", "")
    queries.get_job(job_id=job_id, content=False)
    if verb not in FORMS:
        raise Invalid(_m("Choose what to do with this job."))
    form = BoundForm(FORMS[verb], request.form, prefix=verb)
    if form.load():
        VERBS[verb](
            job_id=job_id, actor=current_actor(), now=clock.now(),
            reason=form.data.get("reason") or "",
        )  # fmt: skip
        return redirect(address(f"jobs.{endpoint}", job_id=job_id, done=verb), 303)
    return _page(job_id, address, endpoint, content=content, failed={verb: form})


def _page(
    job_id: UUID, address: Address, endpoint: str, *, content: bool,
    failed: Mapping[str, BoundForm] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    job, now = queries.get_job(job_id=job_id, content=content), queries.database_now()
    identity = current_identity()
    assert identity is not None
    here = partial(address, f"jobs.{endpoint}")
    forms = {
        verb: (failed or {}).get(verb) or BoundForm(schema, prefix=verb)
        for verb, schema in FORMS.items()
        if job.state in TRANSITIONS[verb].sources
    }
    page = render_template(
        "jobs/job.html", job=job, content=content, forms=forms,
        company=identity.tenant or identity.administered, own=endpoint == "show_own",
        action=here(job_id=job_id), pill=presenting.pill_of(job, now),
        lasted=presenting.lasted(job),
        parent=here(job_id=job.parent_id) if job.parent_id else None,
        parts=[(one, presenting.pill_of(one, now), here(job_id=one.id))
               for one in queries.list_parts(parent_id=job_id)],
        decisions=queries.list_decisions(job_id=job_id),
        plain=_plain, say=text, said=SAID.get(request.args.get("done", "")),
        access=ACCESS_NAMES.get(_access_state(), ""),
    )  # fmt: skip
    return page, max((form.status for form in forms.values()), default=200)


def _access_state() -> str:
    found = find_tenant()
    return found.access_state if found else ""


def _plain(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)
