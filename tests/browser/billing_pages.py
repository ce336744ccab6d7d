"""Pages of billing, as every page is looked at."""


def billing_pages(administrator: str) -> dict[str, list[tuple[str, str]]]:
    return {
        "provider.billing": [(administrator, "/provider/billing"),
                             (administrator, "/provider/billing?state=active&sort=mrr"),
                             (administrator, "/provider/billing?q=nothing-like-it")],
        "provider.billing_company": [(administrator, "/provider/billing/companies/lentier")],
        "provider.billing_end": [(administrator, "/provider/billing/companies/lentier/end")],
        "provider.billing_invoices": [(administrator, "/provider/billing/invoices"),
                                      (administrator, "/provider/billing/invoices?which=overdue")],
        "provider.billing_revenue": [(administrator, "/provider/billing/revenue"),
                                     (administrator, "/provider/billing/revenue?kind=new")],
        "provider.billing_margin": [(administrator, "/provider/billing/margin"),
                                    (administrator, "/provider/billing/margin?client=lentier")],
        "provider.billing_time": [(administrator, "/provider/billing/companies/lentier/time")],
        "provider.billing_rates": [(administrator, "/provider/billing/rates")],
        "provider.billing_contests": [(administrator, "/provider/billing/contests")],
        "provider.billing_contest": [
            (administrator, "/provider/billing/companies/lentier/contests/{usage_contest}")
        ],
        "provider.billing_credits": [(administrator, "/provider/billing/credits")],
        "provider.choose_credit": [(administrator, "/provider/billing/credits/new")],
        "provider.new_credit": [
            (administrator, "/provider/billing/companies/lentier/credits/new")
        ],
        "provider.billing_credit": [
            (administrator, "/provider/billing/companies/lentier/credits/{credit}")
        ],
        "subscription.contests": [("admin@lentier.example", "/c/lentier/subscription/contests")],
        "subscription.contest": [
            ("admin@lentier.example", "/c/lentier/subscription/usage/{usage}/contest")
        ],
        "subscription.credits": [("admin@lentier.example", "/c/lentier/subscription/credits")],
        "provider.billing_letters": [(administrator, "/provider/billing/letters")],
        "provider.billing_findings": [(administrator, "/provider/billing/findings"),
                                      (administrator, "/provider/billing/findings?resolved=1")],
    }  # fmt: skip


def bills_pages(administrator: str, company: str) -> dict[str, list[tuple[str, str]]]:
    """A client's own: who is invoiced, and for what."""
    here = f"{company}/subscription"
    return {
        "subscription.billing_details": [(administrator, f"{here}/billing-details"),
                                         (administrator, f"{here}/billing-details?plan=standard")],
        "subscription.invoices": [(administrator, f"{here}/invoices")],
        "subscription.invoice": [(administrator, f"{here}/invoices/{{bill}}")],
    }  # fmt: skip
