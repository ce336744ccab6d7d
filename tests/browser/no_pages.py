"""Endpoints that answer no page of their own: files, fragments, styles, signs of life."""

OTHERS = {
    "sales_invoices.download", "sales_invoices.with_slip", "slips.with_slip", "guests.document_slip", "guests.document_with_slip", "sales_invoices.export", "sales_invoices.open_items",
    "sales_invoices.batch_template", "sales_invoices.batch_rejected",
    "directory.export", "directory.template", "directory.rejected",
    "assets.file", "verify.root", "guests.download", "guests.document_file", "subscription.checkout", "subscription.change", "subscription.invoices_file", "subscription.usage_file", "health.alive", "health.ready", "service_requests.download",
    "slips.progress", "slips.as_json", "slips.as_pdf", "documents.download", "documents.export", "documents.of_request",
    "finance.rejects_file", "finance.find_items", "finance.progress", "finance.report_progress", "service_requests.job_progress",
    "reports.download", "portal.brand", "desk.rows", "desk.brands", "desk.palette", "desk.pick_text", "service_requests.presence", "provider.brands",
    "timesheets.brands", "jobs.brands", "supervision.overview_file", "supervision.list_file", "timesheets.export_mine", "service_levels.month_file", "service_level_overview.progress", "provider.proposal", "provider.departure", "api.openapi",
}  # fmt: skip
