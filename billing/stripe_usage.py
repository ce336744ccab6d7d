"""Usage on its way to Stripe's meters, and what they counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from billing.stripe_calls import keyed, translated
from billing.stripe_errors import StripeRefused
from billing.stripe_params import meter_event_params


class Usage:
    _v1: Any

    def send_meter_event(
        self,
        event_name: str,
        customer: str,
        value: int,
        identifier: str,
        timestamp: int,
        idempotency_key: str,
    ) -> None:
        """Stripe knowing the identifier already is success: it holds this very total."""
        try:
            with translated():
                self._v1.billing.meter_events.create(
                    meter_event_params(event_name, customer, value, identifier, timestamp),
                    keyed(idempotency_key),
                )
        except StripeRefused as refusal:
            # v1 gives this refusal no code of its own; v2 and the async reports do.
            known = refusal.message.startswith("An event already exists with identifier")
            if not known and refusal.code != "duplicate_meter_event":
                raise

    def meter_totals(self, meter_id: str, customer: str, start: int, end: int) -> dict[int, int]:
        """Per hour (its start, Unix seconds); hours without usage are left out."""
        with translated():
            page = self._v1.billing.meters.event_summaries.list(
                meter_id,
                {
                    "customer": customer,
                    "start_time": start,
                    "end_time": end,
                    "value_grouping_window": "hour",
                    "limit": 100,
                },
            )
            # Most hours are empty: they aren't made plain.
            rows = [row for row in page.auto_paging_iter() if row["aggregated_value"]]
        totals: dict[int, int] = {}
        for row in rows:
            total = Decimal(str(row["aggregated_value"]))
            if total != int(total):
                raise StripeRefused("total_not_whole", f"{meter_id} holds {total}")
            if total:
                totals[row["start_time"]] = int(total)
        return totals
