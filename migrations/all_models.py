"""Every module with tables, so that the metadata is whole for migrations and tests."""
# ruff: noqa: F401 - imported for their tables

import app.administration.customer_files.models
import app.administration.letters.models
import app.catalogue.models
import app.contracts.models
import app.desk.models
import app.directory.importing.models
import app.directory.models
import app.documents.checking.models
import app.documents.models
import app.documents.sealing.models
import app.documents.templating.models
import app.finance.models
import app.finance.sales_invoices.models
import app.finance.sales_invoices.schedules.models
import app.mail_in.models
import app.playbooks.models
import app.reporting.models
import app.service_levels.models
import app.service_requests.approvals.models
import app.service_requests.assignment.models
import app.service_requests.checking.models
import app.service_requests.checklists.models
import app.service_requests.documents.models
import app.service_requests.drafts.models
import app.service_requests.handover.models
import app.service_requests.links.models
import app.service_requests.models
import app.service_requests.offers.models
import app.service_requests.ratings.models
import app.service_requests.recurring.models
import app.service_requests.reminders.models
import app.service_requests.reply_drafts.models
import app.service_requests.sla.models
import app.service_requests.statutory.models
import app.service_requests.supervision.models
import app.service_requests.undoing.models
import app.service_requests.watchers.models
import app.staffing.models
import app.timesheets.models
import app.tokens.models
import app.webhooks.models
import billing.access.models
import billing.adjustments.models
import billing.backfill.models
import billing.change_models
import billing.contests.models
import billing.credits.models
import billing.disputes.models
import billing.figures.models
import billing.invoices.models
import billing.limits.models
import billing.models
import billing.prices.models
import billing.reconcile.models
import billing.subscribing.models
import tenants.idempotency
import tenants.jobs.models
import tenants.models
import tenants.outbox
from tenants.core.db import Model

metadata = Model.metadata
