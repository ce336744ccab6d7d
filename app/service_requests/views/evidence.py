from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.contracts.queries import get_terms
from app.contracts.terms import NOTHING
from app.service_requests import presenting
from app.service_requests.checking.showing import slip_words, why
from app.service_requests.evidence import Verdict, judge
from app.service_requests.evidence_queries import get_chain, get_request_to_prove
from app.service_requests.evidence_words import AUDITED, VERDICTS, mark_of
from app.service_requests.models import ServiceRequest
from app.service_requests.offers.queries import find_accepted_offer, list_decisions
from app.service_requests.scope import AGREED
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from billing.contests import words as contest_words
from billing.contests.queries import list_contests_of_request
from billing.invoice_items import find_billed
from tenants.core import clock
from tenants.endpoints import tenant


@bp.get("/<int:number>/evidence")
@tenant("evidence.read")
def evidence(slug: str, number: int) -> ResponseReturnValue:
    """From the invoice down to the bytes of the file; without content for whoever doesn't hold the
    request's line."""
    row = get_request_to_prove(actor=current_actor(), number=number)
    return render_evidence(row, url_for("service_requests.show", slug=slug, number=number))


def render_evidence(row: ServiceRequest, address: str) -> str:
    """`address` is that of the request's page, below which its evidence and files lie. Guests
    don't see what the work costs."""
    actor, now = current_actor(), clock.now()
    chain = get_chain(
        actor=actor, request=row, now=now, read_all=request.args.get("files") == "all"
    )
    verdict = judge(chain)
    if actor.is_guest:
        verdict = Verdict([one for one in verdict.findings if one.part != "billing"])
    agreed = find_accepted_offer(request=row) if row.scope == AGREED else None
    return render_template(
        "service_requests/evidence.html",
        client=current_client(),
        provider=actor.side == "provider",
        guest=actor.is_guest,
        urls={"request": address, "files": f"{address}/files/", "evidence": f"{address}/evidence"},
        sees_time=actor.side == "provider" or get_terms(now).time.shown != NOTHING,
        r=row,
        subject=presenting.subject_of(row.item, row.title),
        item=ITEMS.get(row.item),
        line=LINES.get(row.line, row.line),
        content=row.line in actor.lines,
        sees_bill=actor.can("subscription.read"),
        chain=chain,
        agreed=agreed,
        agreed_by=list_decisions(request=row) if agreed else (),
        billed=find_billed(source_type="request_offer", source_id=agreed.id) if agreed else None,
        contests=list_contests_of_request(number=row.number) if not actor.is_guest else (),
        contest_words=contest_words,
        verdict=verdict,
        why_checked=why(chain.draw) if chain.draw else "",
        slip=slip_words(chain.draw) if chain.draw else {},
        words=VERDICTS[verdict.state],
        mark_of=mark_of,
        events=presenting.history(chain.moves, actor.side),
        audited=AUDITED,
        now=now,
    )
