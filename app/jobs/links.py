"""Where a job is looked at: in its company where the reader has a grant, else in the
administration of the company; the provider's own in its own place."""

from uuid import UUID

from flask import url_for

from app.jobs.queries import Company


def job_url(company: Company, job_id: UUID) -> str | None:
    if company.state == "closed":
        return None
    if company.kind == "provider":
        return url_for("jobs.show_own", own_job_id=job_id)
    endpoint = "jobs.show" if company.granted else "jobs.show_administered"
    return url_for(endpoint, slug=company.slug, job_id=job_id)
