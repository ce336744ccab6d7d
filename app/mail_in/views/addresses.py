"""Where a company may write to, and what of its mail did not land by itself."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from app.catalogue.lines import LINES
from app.mail_in.addresses import intake_address
from app.mail_in.queries import list_refused
from app.mail_in.services.landing import general_item
from app.mail_in.views.blueprint import bp
from app.mail_in.words import REASONS, STATES
from app.service_requests.views.rendering import current_client
from tenants.endpoints import tenant


@bp.get("/addresses")
@tenant("people.manage")
def addresses(slug: str) -> ResponseReturnValue:
    domain = current_app.config["SETTINGS"].mail_in_domain
    lines = [line for line in LINES if general_item(line)]
    return render_template(
        "mail_in/addresses.html", client=current_client(), lines=LINES, reasons=REASONS,
        states=STATES, refused=list_refused(), domain=domain,
        addresses=[
            (line, intake_address(slug, domain=domain, line=line if number else ""))
            for number, line in enumerate(lines)
        ] if domain else [],
    )  # fmt: skip
