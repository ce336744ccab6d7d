"""Usage on its way to Stripe's meters, and what they counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from billing.stripe_calls import keyed, translated
from billing.stripe_errors import StripeRefused
from billing.stripe_params import Json, meter_event_params


class Usage:
    _client: Any
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
        asked: dict[str, Any] = {
            "customer": customer,
            "start_time": start,
            "end_time": end,
            "value_grouping_window": "hour",
            "limit": 100,
        }
        totals: dict[int, int] = {}
        with translated():
            for row in self._rows(f"/v1/billing/meters/{quote(meter_id)}/event_summaries", asked):
                total = Decimal(str(row["aggregated_value"]))
                if total != int(total):
                    raise StripeRefused("total_not_whole", f"{meter_id} holds {total}")
                if total:
                    totals[row["start_time"]] = int(total)
        return totals

    def _rows(self, path: str, asked: dict[str, Any]) -> Iterator[Json]:
        """Of all pages, as they came: a month has hours by the hundred, and making objects of them
        takes longer than asking for them."""
        more: Any = {}
        while True:
            page: Json = json.loads(self._client.raw_request("get", path, **asked, **more).body)
            yield from page["data"]
            if not page["has_more"]:
                return
            more = {"starting_after": page["data"][-1]["id"]}
