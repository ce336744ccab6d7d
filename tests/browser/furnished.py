"""What the demonstration doesn't have: one of each thing that a page shows only when it is there."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import date, timedelta

from tests.browser.directory_pages import furnish_directory
from tests.browser.sales_invoice_pages import furnish_invoice
from tests.journeys.furnishing import Forms
from tests.journeys.passing import days_pass, today
from tests.journeys.system import System
from tests.journeys.visits import People

OPERATOR, CLIENT_USER, CLIENT_ADMIN, SUPERVISOR = (
    "operator1@coulisse.example", "user@lentier.example", "admin@lentier.example",
    "supervisor@coulisse.example",
)  # fmt: skip
C = "/c/lentier"
OWN = "(SELECT id FROM tenants WHERE slug = 'lentier')"


@dataclass
class Furniture:
    system: System
    people: People

    def __post_init__(self) -> None:
        self.user = Forms(self.people, CLIENT_USER)
        self.operator = Forms(self.people, OPERATOR)
        self.admin = Forms(self.people, CLIENT_ADMIN)
        self.supervisor = Forms(self.people, SUPERVISOR)

    def own(self, statement: str, **values: object) -> None:
        self.system.rows(statement.replace("OWN", OWN), **values)

    def a_question(self, title: str) -> int:
        return self.user.raise_item(
            "lentier", "finance_question", title=title, details="Merci de regarder."
        )

    def contested_usage(self) -> dict[str, str]:
        """An open contest and a credit that waits for its approval."""
        [[usage]] = self.system.rows(
            f"SELECT id FROM usage_events WHERE tenant_id = {OWN} AND quantity > 0"
            " ORDER BY occurred_at DESC, id DESC LIMIT 1"
        )
        self.own(
            "INSERT INTO usage_contests (tenant_id, meter_key, source_type, source_id, occurred_at,"
            " hour, quantity, unit_amount, currency, reason, evidence, raised_by_name, raised_at)"
            " SELECT tenant_id, meter_key, 'test', uuidv7(), occurred_at, hour, 400, 32.5, 'EUR',"
            " 'Nous en comptons moins.', '{}', 'Client', now() FROM usage_events WHERE id = %(u)s",
            u=usage,
        )
        self.own(
            "INSERT INTO credits (tenant_id, kind, amount, currency, method, source, reason, state,"
            " asked_by_name, asked_at) VALUES (OWN, 'goodwill', 5000, 'EUR', 'credit_grant',"
            " 'goodwill:x', 'Une semaine lente', 'draft', 'Admin', now())"
        )
        [[contest]] = self.system.rows(f"SELECT id FROM usage_contests WHERE tenant_id = {OWN}")
        [[credit]] = self.system.rows(f"SELECT id FROM credits WHERE tenant_id = {OWN}")
        return {"usage": str(usage), "usage_contest": str(contest), "credit": str(credit)}

    def letter(self, asked: str) -> dict[str, str]:
        """A letter that is being written with a template of the company's own."""
        page = f"{C}/templates/new?kind=letter&language=fr"
        made = self.admin.send(
            page, "/templates/new", name="Résiliation", subject="Résiliation du bail",
            body="{{salutation}},\n\nNous résilions.",
        )  # fmt: skip
        template = made.rpartition("/")[2]
        page = f"{C}/requests/{asked}/letters"
        letter = self.operator.send(page, page, begin=template).rpartition("/")[2]
        return {"template": template, "letter": letter}

    def documents_and_followers(self, asked: str) -> None:
        page = f"{C}/requests/{asked}"
        wanted = {"name_1": "Carte grise", "why_1": "Pour l'assureur", "name_2": "Relevé"}
        try:
            self.supervisor.send(f"{page}/documents/new", f"{page}/documents", **wanted)
        except AssertionError:
            # The clock's warning of the system that just came up was written in the same instant.
            self.supervisor.send(f"{page}/documents/new", f"{page}/documents", **wanted)
        self.user.send(page, "/unavailable", words="Nous ne l'avons jamais reçu.")
        self.user.send(page, "/watchers")

    def filed(self) -> str:
        """A document with two versions, under a hold, and one whose period has ended."""
        new = f"{C}/documents/new"
        numbers = []
        for name, day in (("quittance.pdf", ""), ("ancien.pdf", "2009-03-01")):
            file = {"name": name, "mimeType": "application/pdf", "buffer": name.encode()}
            where = self.user.send(new, new, files=file, kind="supporting_document", dated=day)
            numbers.append(where.rsplit("/", 1)[1])
        filed, old = numbers
        page = f"{C}/documents/{filed}"
        newer = {"name": "quittance.pdf", "mimeType": "application/pdf", "buffer": b"%PDF newer"}
        self.user.send(page, "/versions", file=newer, reason="Bonne adresse")
        self.admin.send(page, "/hold", reason="Contrôle fiscal 2026")
        self.own(
            "INSERT INTO document_disposals (tenant_id, document_id, listed_at, keep_until) SELECT"
            " tenant_id, id, now(), keep_until FROM documents WHERE tenant_id = OWN"
            " AND number = %(n)s", n=old,
        )  # fmt: skip
        content = json.dumps({
            "sha256": "0" * 64, "at": "2026-11-20T09:00:00+00:00", "not_checked": ["registers"],
            "runs": [{
                "pack": "cen-ubl", "version": "1.3.16", "outcome": "failed", "findings": [{
                    "rule": "BR-CO-15", "severity": "fatal", "text": "Total (BT-112).",
                    "place": "Invoice/LegalMonetaryTotal", "term": "BT-112", "line": 42,
                }],
            }],
        })  # fmt: skip
        self.own(
            "INSERT INTO validation_slips (tenant_id, version_id, sha256, at, outcome, content,"
            " kept_by_name) SELECT v.tenant_id, v.id, v.sha256, now(), 'invalid', %(c)s, 'Coulisse'"
            " FROM document_versions v JOIN documents d USING (tenant_id) WHERE d.id ="
            " v.document_id AND v.tenant_id = OWN AND d.number = %(n)s", c=content,
            n=filed,
        )  # fmt: skip
        return filed

    def contested_clock(self, asked: str) -> None:
        page = f"{C}/requests/{asked}/clock"
        self.user.send(page, "/contest", words="Nous avions déjà répondu au téléphone.")
        self.supervisor.send(page, "/exclusions", kind="force_majeure", words="Inondation.")

    def priced(self) -> int:
        number = self.a_question("Reprise de l'exercice précédent")
        self.own("UPDATE requests SET scope = 'out_of_scope' WHERE tenant_id = OWN AND number = %(n)s",
                 n=number)  # fmt: skip
        page = f"{C}/requests/{number}"
        until = (today(self.system) + timedelta(days=20)).isoformat()
        for price in ("480,00", "420,00"):
            self.operator.send(
                page, "/offers", price=price, body="Deux jours de travail.", valid_until=until
            )
        return number

    def delegates(self) -> None:
        self.own(
            "INSERT INTO approval_delegations (tenant_id, principal_id, principal_name, delegate_id,"
            " delegate_name, lines, starts_at, ends_at, created_at) SELECT a.tenant_id, a.user_id,"
            " a.display_name, b.user_id, b.display_name, a.lines, now(), now() + interval '5 days',"
            " now() FROM members a JOIN members b ON b.tenant_id = a.tenant_id AND NOT b.approver"
            " WHERE a.tenant_id = OWN AND a.approver ORDER BY a.id, b.id LIMIT 1"
        )

    def playbooks(self) -> None:
        for kind, rules in (
            ("payment_control", "Ne jamais relancer Hôtel du Lac."),
            ("finance", ""),
        ):
            page = f"{C}/playbook/{kind}"
            self.operator.send(page, page, rules=rules, steps="Appeler Mme Morvan avant l'envoi")

    def settled_month(self, request: str) -> str:
        """Time in the month before, which is settled then; the week that shows it."""
        day = self.last_month() + timedelta(days=14)
        self.operator.send(
            f"{C}/requests/{request}", "/time", minutes="40", activity="Rapprochement",
            worked_on=day.isoformat(),
        )  # fmt: skip
        self.supervisor.send("/time/team", "/months", month=f"{day:%Y-%m}")
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"

    def missed_month(self) -> str:
        """Something was answered late last month, and something else does not count; that month
        is signed off and contested."""
        for title in ("Facture en double", "Offre d'un démarcheur"):
            number = self.a_question(title)
            days_pass(self.system, "lentier", number, 12)
            self.operator.send(f"{C}/requests/{number}", "/assign")
            days_pass(self.system, "lentier", number, today(self.system).day + 5)
        self.supervisor.send(
            f"{C}/requests/{number}/clock", "/exclusions", kind="spam", words="De la publicité."
        )
        month = f"{self.last_month():%Y-%m}"
        page = f"{C}/service-levels?month={month}"
        self.supervisor.send(page, "/sign")
        self.user.send(page, "/contest", words="Nous avons attendu douze jours.")
        return month

    def service_report(self, month: str) -> None:
        """Written by the operator, checked and sent by the supervisor."""
        self.supervisor.send(f"{C}/reports", "/reports/prepare")
        page = f"{C}/reports/{month}"
        self.operator.send(page, "/words", summary="Un mois calme, avec deux retards.",
                           remark_finance="Les relevés sont arrivés tard.")  # fmt: skip
        self.supervisor.send(page, "/check")
        self.supervisor.send(page, "/send")

    def last_month(self) -> date:
        """Its first day."""
        return (today(self.system).replace(day=1) - timedelta(days=1)).replace(day=1)

    def to_rate(self) -> None:
        self.own(
            "INSERT INTO rating_invitations (tenant_id, request_id, user_id, at, expires_at)"
            " SELECT r.tenant_id, r.id, u.id, now(), now() + interval '20 days' FROM requests r,"
            " users u WHERE r.tenant_id = OWN AND u.email = %(email)s ORDER BY r.number LIMIT 1",
            email=CLIENT_USER,
        )  # fmt: skip

    def bill(self) -> str:
        """An invoice of the provider's for the company."""
        found = self.system.value(
            "SELECT coalesce(number, stripe_invoice_id) FROM stripe_invoices"
            f" WHERE tenant_id = {OWN} ORDER BY invoiced_at LIMIT 1"
        )
        return str(found)

    def jobs(self) -> dict[str, str]:
        """One that failed as part of a batch, with its mail, one that runs, one of the provider's."""
        ours = "(SELECT id FROM tenants WHERE kind = 'provider')"
        [[batch]] = self.system.rows(
            "INSERT INTO job_batches (tenant_id, name, title, total, started_by_name)"
            f" VALUES ({ours}, 'x', 'Comparing subscriptions', 3, 'Sonia') RETURNING id"
        )
        added = (
            "INSERT INTO jobs (tenant_id, name, queue, args, state, error, trace, failures, title,"
            " for_client, progress_done, progress_total, batch_id, subject_type, subject_id,"
            " finished_at, lease_until) VALUES (%(t)s, %(n)s, 'default', '{\"id\": 1}', %(s)s, %(e)s,"
            " %(e)s, 5, 'Reading the files', true, 3, 10, %(b)s, 'effect', %(x)s, now(),"
            " now() + interval '1 day') RETURNING id"
        )
        [[mine]], [[own]] = self.system.rows(f"SELECT {OWN}"), self.system.rows(f"SELECT {ours}")
        [[effect]] = self.system.rows(
            "INSERT INTO outbox (tenant_id, kind, verb, dedupe_key, idempotency_key, params, state)"
            " VALUES (%(t)s, 'mail', 'notice.request.raised', 'x', 'x', '{}', 'dead') RETURNING id",
            t=mine,
        )  # fmt: skip
        made = {
            key: str(self.system.value(added, t=tenant, n=name, s=state, e=error, b=of, x=effect))
            for key, tenant, name, state, error, of in (
                ("bad_job", mine, "outbox.deliver_mail", "quarantined", "It did not work.", batch),
                ("job", mine, "x.running", "running", "", None),
                ("own_job", own, "x.own", "succeeded", "", None),
            )
        }  # fmt: skip
        self.system.rows(
            "INSERT INTO job_decisions (tenant_id, job_id, verb, reason, by_name, at)"
            " VALUES (%(t)s, %(j)s, 'replay', 'Mended.', 'Sonia', now())",
            t=mine, j=made["bad_job"],
        )  # fmt: skip
        return made | {"batch": str(batch)}


def unmatched(operator: Forms, path: str) -> list[str]:
    """Once the files are read: that is a job, which a busy machine lets wait."""
    end = time.monotonic() + 60
    while True:
        text = operator.request.get(f"{operator.base}{path}").text()
        found = re.findall(r'id="line-([0-9a-f-]{36})"', text)
        if found or time.monotonic() > end:
            return found
        time.sleep(0.2)


def furnish(system: System, people: People, *, control: str, asked: str) -> dict[str, str]:
    """What stands in the addresses of what was made."""
    there = Furniture(system, people)
    there.documents_and_followers(asked)
    there.contested_clock(asked)
    there.delegates()
    there.playbooks()
    there.to_rate()
    month = there.missed_month()
    there.service_report(month)
    return {
        "document": there.filed(), "priced": str(there.priced()), "settled": there.settled_month(control), "month": month,
        **there.jobs(), **_webhook(there), "bill": there.bill(),
        **there.contested_usage(), **there.letter(asked), **furnish_directory(system, people),
        **furnish_invoice(system),
    }  # fmt: skip


def _webhook(there: Furniture) -> dict[str, str]:
    """With a message that was given up and one that is tried again."""
    there.admin.send(
        f"{C}/webhooks/new", f"{C}/webhooks/new", url="https://hooks.lentier.example/coulisse",
        description="ERP", kinds="request.delivered", lines="finance",
    )  # fmt: skip
    [[hook]] = there.system.rows(f"SELECT id FROM webhook_endpoints WHERE tenant_id = {OWN}")
    there.own(
        "UPDATE webhook_endpoints SET failures = 3, failing_since = now() WHERE tenant_id = OWN"
    )
    made = [
        there.system.value(
            "INSERT INTO webhook_messages (tenant_id, endpoint_id, event_id, kind, line, at, body,"
            f" state, tries, next_try_at) VALUES ({OWN}, %(e)s, uuidv7(), 'request.delivered',"
            " 'finance', now(), '{\"type\": \"request.delivered\", \"data\": {\"request\": 1}}',"
            " %(s)s, 1, CASE WHEN %(s)s = 'pending' THEN now() + interval '5 minutes' END)"
            " RETURNING id", e=hook, s=state,
        )
        for state in ("pending", "failed")
    ]  # fmt: skip
    for message in made:
        there.own(
            "INSERT INTO webhook_attempts (tenant_id, message_id, at, status, duration_ms, answer)"
            " VALUES (OWN, %(m)s, now(), 503, 812, 'Service unavailable')", m=message,
        )  # fmt: skip
    return {"webhook": str(hook), "hook_message": str(made[-1])}


# By address and reader, what stands there only when it was furnished.
SHOWN = (
    (CLIENT_USER, f"{C}/service-levels?month={{month}}", ("level-contest", "reason=spam")),
    (SUPERVISOR, f"{C}/service-levels?month={{month}}", ("/contest/answer",)),
    (CLIENT_ADMIN, f"{C}/reports/{{month}}", ("/acknowledge", "report-words", "level%3A")),
    (CLIENT_USER, f"{C}/requests/{{asked}}/clock", ("clock-contest",)),
    (SUPERVISOR, f"{C}/requests/{{asked}}/clock", ("/clock/contests/", "clock-exclusions")),
    (CLIENT_USER, f"{C}/requests/{{asked}}", ("document-list", "watcher-names")),
    (CLIENT_USER, f"{C}/requests/{{asked}}/history", ("Carte grise",)),
    (SUPERVISOR, f"{C}/requests/{{priced}}", ("offer-facts", "offers-before")),
    (CLIENT_USER, f"{C}/requests/delegates", ("row-action",)),
    (CLIENT_USER, f"{C}/", ("/rate/",)),
    (OPERATOR, "/time?week={settled}", ("icons.svg#lock",)),
    (SUPERVISOR, "/time/team", ('class="settled"',)),
    (OPERATOR, f"{C}/playbook/payment_control", ("playbook-confirm",)),
    (CLIENT_USER, f"{C}/", ("running-title",)),
    (SUPERVISOR, "/provider/jobs", ("x.running",)),
    (SUPERVISOR, "/provider/jobs/letters", ("notice.request.raised",)),
    (SUPERVISOR, "/provider/jobs/workers", ('class="lead"',)),
    (SUPERVISOR, "/provider/jobs/batches/{batch}", ('id="results"',)),
    (SUPERVISOR, f"{C}/jobs/{{bad_job}}", ("acts-title", "trace-title", "decided-title")),
    (SUPERVISOR, f"{C}/jobs/{{job}}", ("job-progress",)),
    (CLIENT_ADMIN, f"{C}/webhooks/{{webhook}}", ("/messages/", "tone-warn", ">503<")),
    (CLIENT_ADMIN, f"{C}/webhooks/{{webhook}}/messages/{{hook_message}}", ("/replay", "job-pre")),
)


def missing(people: People, known: dict[str, str]) -> list[str]:
    """What a page doesn't show although it was furnished."""
    found = []
    for email, path, marks in SHOWN:
        forms = Forms(people, email)
        text = forms.request.get(forms.base + path.format(**known)).text()
        found += [f"{path}: {mark}" for mark in marks if mark not in text]
    return found
