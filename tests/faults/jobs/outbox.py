"""The product's own deliveries."""

from workers.jobs import outbox
from workers.registry import ANY_STATE, job


@job(states=ANY_STATE)
def deliver_mail(**given):
    return outbox.deliver_mail(**given)


@job(queue="billing", states=ANY_STATE)
def deliver_stripe(**given):
    return outbox.deliver_stripe(**given)


@job(seconds=60, states=ANY_STATE)
def deliver_webhook(**given):
    return outbox.deliver_webhook(**given)
