"""What runs for all companies: figures, the list behind each, the workers, what couldn't go out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zlib import crc32

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.jobs import presenting, queries
from app.jobs.figures import COLUMNS, Counts, counted
from app.jobs.filters import WHEN, JobFilter, filter_of
from app.jobs.links import job_url
from app.jobs.queries import Company, Figure
from app.jobs.views.blueprint import bp
from app.web.branding import brands_css
from app.web.i18n import text, zone
from tenants.access import ACCESS_NAMES
from tenants.endpoints import staff
from tenants.jobs import QUEUES, TURN
from tenants.jobs.presence import list_workers

# Ways to count, each with the word of the filter that its lines set.
GROUPS = ("client", "queue", "name")
# Columns of a chart: on a phone each is still wide enough for a finger.
PARTS = 12
# A worker that was silent for longer counts as lost.
SILENT = timedelta(seconds=60)


@bp.get("/provider/jobs")
@staff("job.handle")
def overview() -> ResponseReturnValue:
    chosen = filter_of(request.args)
    companies = queries.list_companies()
    here = _chosen_company(companies, chosen)
    now = queries.database_now()
    everything = queries.list_figures()
    figures = _fitting(everything, chosen, here)
    by = request.args.get("by", "")
    by = by if by in GROUPS else "client"
    cursor = request.args.get("cursor")
    page = queries.list_jobs(
        chosen=chosen, tenant_id=here.tenant_id if here else _nobody(chosen), cursor=cursor
    )
    context = {
        **frame(companies), "chosen": chosen, "when": WHEN, "queues": QUEUES, "by": by,
        "columns": COLUMNS, "sum": _sum(figures), "groups": _groups(figures, by, companies),
        "charts": _charts(chosen, here, now), "stopped": _stopped(everything, companies),
        "quiet": not (figures or page.items or chosen.chosen),
        "names": sorted({one.name for one in figures} | ({chosen.name} - {""})),
        "next_cursor": page.next_cursor,
        "leads": queries.dispatcher_leads(), "working": bool(_living(list_workers(), now)),
        "age": partial(presenting.age, now=now), "say": text, "access": ACCESS_NAMES,
    }  # fmt: skip
    words = queries.words_of(
        [(row["tenant_id"], row["id"]) for row in page.items],
        companies=companies, user_id=_user_id(),
    )  # fmt: skip
    rows = [_row(dict(row), companies[row["tenant_id"]], words, now) for row in page.items]
    return render_template("jobs/overview.html", rows=rows, **context)


@bp.get("/provider/jobs/letters")
@staff("job.handle")
def letters() -> ResponseReturnValue:
    """Outside effects that could not be delivered."""
    companies = queries.list_companies()
    found, now = queries.list_dead_effects(), queries.database_now()
    context = frame(companies) | {"dead": len(found)}
    words = queries.words_of(
        [(row["tenant_id"], row["job_id"]) for row in found],
        companies=companies, user_id=_user_id(),
    )  # fmt: skip
    rows = [
        {
            "company": companies[row["tenant_id"]], "job_id": row["job_id"],
            "url": job_url(companies[row["tenant_id"]], row["job_id"]),
            "what": presenting.effect_words(row["kind"], row["verb"]), "verb": row["verb"],
            "to": presenting.to_whom(row["kind"], row["role"]), "kind": row["kind"],
            "at": row["created_at"], "age": presenting.age(row["finished_at"], now),
            "failures": row["failures"],
            "error": words[row["job_id"]].error if row["job_id"] in words else "",
        }
        for row in found
    ]  # fmt: skip
    return render_template("jobs/letters.html", rows=rows, **context)


@bp.get("/provider/jobs/workers")
@staff("job.handle")
def workers() -> ResponseReturnValue:
    companies, now = queries.list_companies(), queries.database_now()
    found = list_workers()
    living = _living(found, now)
    rows = [
        {
            "worker": one, "lives": one in living, "heartbeat": presenting.age(one.heartbeat_at, now),
            "company": companies.get(one.job_tenant) if one.job_tenant else None,
            "url": _running_url(one, companies),
            # each has a list beside it for heavy work
            "queues": list(dict.fromkeys(name.partition(".")[0] for name in one.queues)),
        }
        for one in found
    ]  # fmt: skip
    return render_template(
        "jobs/workers.html", rows=rows, leads=queries.dispatcher_leads(), **frame(companies)
    )


@bp.get("/provider/jobs/brands.css")
@staff("job.handle")
def brands() -> Response:
    found = queries.list_companies().values()
    css = brands_css((one.code, one.colour) for one in found if one.kind == "client")
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})


def frame(companies: Mapping[UUID, Company]) -> dict[str, Any]:
    """What each of these pages shows around its own; in the provider's scope."""
    shown = "".join(one.code + one.colour for one in companies.values())
    return {
        "companies": companies, "brands": crc32(shown.encode()),
        "dead": len(queries.list_dead_effects()),
    }  # fmt: skip


def _stopped(
    figures: Sequence[Figure], companies: Mapping[UUID, Company]
) -> list[tuple[Company, str | None, str]]:
    """Companies whose calendar stands still, with the job that has to run again and its pick."""
    if not any(one.name == TURN and one.state == "quarantined" for one in figures):
        return []
    chosen = JobFilter(state="quarantined", name=TURN)
    found = queries.list_jobs(chosen=chosen, tenant_id=None, cursor=None).items
    last = {companies[row["tenant_id"]]: row["id"] for row in reversed(found)}
    return [(one, job_url(one, job_id), f"{one.slug}/{job_id}") for one, job_id in last.items()]


def _user_id() -> UUID:
    found = current_actor().user_id
    assert found is not None
    return found


def _chosen_company(companies: Mapping[UUID, Company], chosen: JobFilter) -> Company | None:
    return next((one for one in companies.values() if one.slug == chosen.client), None)


def _nobody(chosen: JobFilter) -> UUID | None:
    """A company that isn't there, or isn't the reader's, has no jobs."""
    return UUID(int=0) if chosen.client else None


def _fitting(
    figures: Sequence[Figure], chosen: JobFilter, here: Company | None
) -> Sequence[Figure]:
    return [
        one
        for one in figures
        if (not chosen.client or (here is not None and one.tenant_id == here.tenant_id))
        and chosen.queue in ("", one.queue)
        and chosen.name in ("", one.name)
    ]


def _sum(figures: Sequence[Figure]) -> Counts:
    return counted(figures, lambda _: "").get("", Counts())


def _groups(
    figures: Sequence[Figure], by: str, companies: Mapping[UUID, Company]
) -> list[tuple[dict[str, str], Company | None, str, Counts]]:
    """Of each line the filter it stands for, its company if it is one, its name, its counts."""
    if by == "client":
        found = counted(figures, lambda one: one.tenant_id)
        return [
            ({"client": companies[key].slug}, companies[key], companies[key].name, counts)
            for key, counts in found.items()
        ]
    return [
        ({by: key}, None, key, counts)
        for key, counts in counted(figures, lambda one: str(getattr(one, by))).items()
    ]


def _charts(chosen: JobFilter, here: Company | None, now: datetime) -> dict[str, Any]:
    """What ended: by five minutes of the last hour, by hours of the last day."""
    about: dict[str, Any] = {
        "tenant_id": here.tenant_id if here else _nobody(chosen),
        "queue": chosen.queue, "name": chosen.name,
    }  # fmt: skip
    hour = queries.throughput(seconds=300, parts=PARTS, **about)
    day = queries.throughput(seconds=7200, parts=PARTS, **about)
    minutes, hours = timedelta(minutes=5), timedelta(hours=2)
    return {
        "hour": _columns(hour, minutes, now, chosen), "day": _columns(day, hours, now, chosen),
        "failed": _columns(day, hours, now, chosen, state="quarantined"),
        "done_hour": _ended(hour, "succeeded"), "done_day": _ended(day, "succeeded"),
        "failed_day": _ended(day, "quarantined"),
    }  # fmt: skip


def _columns(
    found: Mapping[tuple[int, str], int], step: timedelta, now: datetime, chosen: JobFilter,
    *, state: str = "succeeded",
) -> tuple[list[tuple[str, int, str]], dict[str, str]]:  # fmt: skip
    """The columns, and by their labels the lists of what each counts."""
    rows, urls = [], {}
    for part in range(PARTS):
        after = now - step * (PARTS - part)
        label, number = after.astimezone(zone()).strftime("%H:%M"), found.get((part, state), 0)
        rows.append((label, number, str(number)))
        narrowed = chosen.parameters(state=state, hours=0, after=after, until=after + step)
        urls[label] = url_for(".overview", **narrowed, _anchor="list")
    return rows, urls


def _ended(found: Mapping[tuple[int, str], int], state: str) -> int:
    return sum(number for (_, ended), number in found.items() if ended == state)


def _row(
    found: Mapping[str, Any], company: Company, words: Mapping[UUID, Any], now: datetime
) -> dict[str, Any]:
    job: Any = presenting.Dotted(found)
    said = words.get(job.id)
    ended = job.finished_at if job.state in ("succeeded", "cancelled", "quarantined") else None
    since = ended or (job.started_at if job.state == "running" else job.run_at)
    return {
        "job": job, "company": company, "url": job_url(company, job.id),
        "pill": presenting.pill_of(job, now), "age": presenting.when(since, now),
        "pick": f"{company.slug}/{job.id}",
        "error": said.error if said else "", "title": said.title if said else "",
        "title_params": said.title_params if said else {},
    }  # fmt: skip


def _living(found: Sequence[Any], now: datetime) -> list[Any]:
    return [one for one in found if one.lease_until > now and now - one.heartbeat_at < SILENT]


def _running_url(worker: Any, companies: Mapping[UUID, Company]) -> str | None:
    if worker.job_id is None or worker.job_tenant not in companies:
        return None
    return job_url(companies[worker.job_tenant], worker.job_id)
