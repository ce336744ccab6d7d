from app.finance.sales_invoices.schemas import SettingsForm


class ProviderInvoicing(SettingsForm):
    """What stands of the provider on the invoices of its clients' subscriptions."""

    class Meta:
        exclude = ("client", "small_business", "vat_on_debits", "payment_days")
