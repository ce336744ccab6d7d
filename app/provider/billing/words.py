"""Billing's codes in words, for the provider's administrators."""

from collections.abc import Mapping
from datetime import date

from app.reporting.wording import Wording
from app.web.i18n import language
from billing.plans import METERS
from tenants.core.text import _m

Pill = tuple[str, str, str]

# label, icon, tone
STATES: Mapping[str, Pill] = {
    "pending": (_m("Not begun"), "hourglass", "wait"),
    "trialing": (_m("On trial"), "clock", "info"),
    "active": (_m("Active"), "circle-check", "good"),
    "grace": (_m("Payment late"), "alert-triangle", "warn"),
    "suspended": (_m("Suspended"), "lock", "bad"),
    "paused": (_m("Paused"), "player-pause", "wait"),
    "cancelled": (_m("Cancelled"), "circle-x", ""),
    "closed": (_m("Closed"), "archive", ""),
}
ATTENTION: Mapping[str, str] = {
    "stale": _m("Nothing heard from Stripe for two days"),
    "unknown_status": _m("A state of Stripe's that we don't know"),
    "two_subscriptions": _m("Two subscriptions at Stripe: the later one is being ended"),
    "disputed": _m("A payment is disputed"),
    "no_vat_rule": _m("No rule of VAT for our own country: invoices carry none"),
    "over_exposure": _m("More stands open than may"),
}
REASONS: Mapping[str, str] = {
    "no_subscription": _m("no subscription yet"),
    "incomplete": _m("the first payment is missing"),
    "incomplete_expired": _m("the first payment never came"),
    "trial": _m("the trial runs"),
    "trial_used_up": _m("the trial is used up"),
    "paid": _m("everything is paid"),
    "payment_late": _m("an invoice should have been paid"),
    "grace_over": _m("not paid within 14 days"),
    "unpaid": _m("Stripe gave up charging"),
    "on_request": _m("the client asked for it"),
    "paused": _m("paused at Stripe"),
    "trial_end_without_payment_method": _m("the trial ended without a means of payment"),
    "final_payment_failure": _m("the last try to charge failed"),
    "canceled": _m("the subscription ended"),
    "stale": _m("nothing heard from Stripe for two days"),
    "unknown_status": _m("a state of Stripe's that we don't know"),
    "disputed": _m("a payment is disputed"),
}
# What became of an end that somebody asked for.
ENDS: Mapping[str, str] = {
    "asked": _m("Asked to end the subscription"),
    "sent": _m("Asked to end the subscription"),
    "planned": _m("Ends the subscription with its period"),
    "done": _m("Ended the subscription"),
    "refused": _m("Asked to end the subscription; Stripe refused"),
    "withdrawn": _m("Asked to end the subscription, and took it back"),
}
MAILS: Mapping[str, str] = {
    "payment_late_0": _m("Mail: a payment is late"),
    "payment_late_3": _m("Mail: a payment is late, third day"),
    "payment_late_7": _m("Mail: a payment is late, seventh day"),
    "payment_late_12": _m("Mail: a payment is late, twelfth day"),
    "suspended": _m("Mail: suspended"),
    "resumed": _m("Mail: everything is paid"),
    "cancelled": _m("Mail: the subscription ended"),
    "trial_ends": _m("Mail: the trial ends soon"),
}
# What a finding means, and what to do about it.
FINDINGS: Mapping[str, tuple[str, str, str]] = {
    "ledger": (
        _m("An hour's total is not the sum of its records"),
        _m("The recorded work adds up to something else than the total that Stripe hears of."),
        _m("A program changed a total past the ledger: tell the developers before the invoice is final."),
    ),
    "usage_at_stripe": (
        _m("Stripe counts an hour differently"),
        _m("What we sent for this hour isn't what Stripe holds."),
        _m("Look again: the hour is sent anew if it is due. If it stays, correct it at Stripe or on the invoice."),
    ),
    "usage_invoiced": (
        _m("An invoice counts something else"),
        _m("A final invoice charges another quantity than the ledger holds for its period."),
        _m("Give a credit for what was charged too much; what is missing goes on the next invoice."),
    ),
    "subscriptions": (
        _m("More than one subscription runs"),
        _m("The client pays twice for the same months."),
        _m("End the younger one at Stripe and pay back what it charged."),
    ),
    "unpriced": (
        _m("Used without a price"),
        _m("This month has usage of a meter that the client's plan doesn't charge."),
        _m("Agree on a plan that has the meter, or leave it: nobody pays for it."),
    ),
    "rejected": (
        _m("Stripe refused an hour"),
        _m("The usage of this hour is on no invoice."),
        _m("Mend the cause that Stripe names, then try again under Dead letters."),
    ),
    "unbilled": (
        _m("Owed, and nobody to charge"),
        _m("The client's customer at Stripe was deleted before this was invoiced."),
        _m("It is charged once the client chooses a plan again; else write an invoice by hand."),
    ),
    "effect": (
        _m("Stripe was not told"),
        _m("Something that was decided here did not happen at Stripe; the reason stands beside it."),
        _m("Mend the cause, then try again under Dead letters."),
    ),
    "orphan": (
        _m("A customer of nobody's"),
        _m("Stripe has a customer or a dispute that belongs to no client here."),
        _m("Find out who made it at Stripe; delete it there if it is a mistake."),
    ),
    "catalogue": (
        _m("The plans at Stripe differ"),
        _m("A price was changed at Stripe by hand, or a new one has not been pushed yet."),
        _m("Set the price back at Stripe, or run coulisse billing push-catalogue."),
    ),
    "parked": (
        _m("An event of an unknown customer"),
        _m("Stripe told of a customer that no client here has."),
        _m("Look at it under Dead letters."),
    ),
    "invoice_record": (
        _m("An invoice that could not be handed on"),
        _m("Its lines and its VAT don't add up to its total, so nothing was written for the accounts."),
        _m("Open the invoice at Stripe and enter it in the accounts by hand."),
    ),
}  # fmt: skip


def meter_name(meter: str) -> str:
    return METERS[meter][1] if meter in METERS else meter


def month_name(month: date) -> str:
    return Wording.month_in(month, language())
