"""Promised effects leave the house here."""

import smtplib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.finance.sales_invoices.services import arriving
from app.webhooks.services import delivering as webhooks
from billing import effects as billing
from billing.gateway import StripeRefused, StripeUnavailable
from billing.looking_up import NobodyKnows
from tenants import files, outbox
from tenants.core import clock, mail
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(
    states=ANY_STATE,
    unseen="a mail is for one person, not for their colleagues; we see what could not go out",
)
def deliver_mail(*, effect_id: str, job: JobRun, **_: Any) -> Iterator[str]:
    """At least once, always under the same Message-ID: after a crash between the server's answer
    and our note of it, the repeat is recognisable as the same mail."""
    effect = outbox.start_sending(effect_id=UUID(effect_id))
    if effect is None:
        return
    message_id, params = effect.idempotency_key, outbox.params_of(effect)
    verb, key, to = effect.verb, effect.dedupe_key, params["to"]
    attached = [
        mail.Attachment(row.name, row.content_type, files.read(row))
        for row in (files.get_file(file_id=UUID(one)) for one in params.pop("file_ids", []))
    ]
    yield "sending"
    try:
        mail.deliver(message_id=message_id, attachments=attached, **params)
    except (ValueError, smtplib.SMTPException, OSError) as error:
        refused = _refused_for_good(error)
        if not refused and not job.last_try:
            raise
        sentence = (
            refused
            or f"The mail could not be sent in {job.attempt} tries ({type(error).__name__})."
        )
        outbox.mark_dead(effect_id=UUID(effect_id), error=sentence)
        arrived = False
        job.give_up(sentence)
    else:
        outbox.mark_done(effect_id=UUID(effect_id))
        arrived = True
    if verb == arriving.VERB:
        arriving.follow_mail(
            dedupe_key=key, to=to, arrived=arrived, actor=system_actor(job.tenant_id),
            now=clock.now(),
        )  # fmt: skip


@job(queue="billing", states=ANY_STATE, unseen="the subscription page shows what came of it")
def deliver_stripe(*, effect_id: str, job: JobRun, **_: Any) -> Iterator[str]:
    """Always under the same idempotency key, so that a repeat finds what the first try made."""
    effect = outbox.start_sending(effect_id=UUID(effect_id))
    if effect is None:
        return
    verb, key, params = effect.verb, effect.idempotency_key, dict(effect.params)
    begun = effect.first_attempt_at
    fresh = billing.is_repeatable(first_attempt_at=begun, real_now=clock.real_now())
    yield "sending"
    try:
        result = None
        if begun is not None and not fresh:
            result = billing.find_effect(verb=verb, params=params, first_attempt_at=begun)
        if result is None:
            result = billing.perform_effect(verb=verb, params=params, key=key)
    except NobodyKnows:
        sentence = f"It is not known whether Stripe did this ({verb}): look there before repeating."
        outbox.mark_dead(effect_id=UUID(effect_id), error=sentence)
        billing.refuse_effect(verb=verb, params=params, error=sentence, now=clock.now())
        job.give_up(sentence)
    except (StripeRefused, StripeUnavailable) as error:
        if isinstance(error, StripeUnavailable) and not job.last_try:
            raise
        outbox.mark_dead(effect_id=UUID(effect_id), error=f"{verb}: {error}")
        billing.refuse_effect(verb=verb, params=params, error=str(error), now=clock.now())
        job.give_up(f"Stripe did not do this ({verb}): {error}")
    else:
        billing.settle_effect(verb=verb, params=params, result=result, now=clock.now())
        outbox.mark_done(effect_id=UUID(effect_id), result=result)


@job(seconds=60, states=ANY_STATE, unseen="the page of the webhook shows each delivery")
def deliver_webhook(*, effect_id: str, job: JobRun, **_: Any) -> Iterator[str]:
    """At least once, always under the same webhook-id; its own pauses go over days, by jobs that
    come later. What a person asked for is tried once."""
    effect = outbox.start_sending(effect_id=UUID(effect_id))
    if effect is None:
        return
    message_id, by_hand = UUID(effect.params["message_id"]), bool(effect.params.get("by_hand"))
    told_of_failure = effect.verb == "message"
    yield "sending"
    now = clock.real_now()
    letter = webhooks.open_letter(message_id=message_id, by_hand=by_hand, now=now)
    if letter is None:
        outbox.mark_done(effect_id=UUID(effect_id))
        return
    outcome = webhooks.settle(letter, webhooks.post(letter), now=clock.real_now())
    if outcome.at is not None:
        outbox.try_again(effect_id=UUID(effect_id), at=outcome.at, tries=outcome.tries)
    elif outcome.verdict == "failed" and told_of_failure:
        sentence = f"The receiver did not take this message in {outcome.tries} tries."
        outbox.mark_dead(effect_id=UUID(effect_id), error=sentence)
        job.give_up(sentence)
    else:
        outbox.mark_done(effect_id=UUID(effect_id))


def _refused_for_good(error: Exception) -> str:
    """The sentence when every recipient, or the message itself, was refused, or when it can't be
    written at all; else '': a refused sender or sign-in is our own setting, which someone mends."""
    if isinstance(error, ValueError | smtplib.SMTPNotSupportedError):
        return f"This mail can't be written ({type(error).__name__})."
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPDataError):
        codes = [error.smtp_code]
    else:
        return ""
    if not all(500 <= code < 600 for code in codes):
        return ""
    return f"The mail server refused this mail for good ({codes[0]})."
