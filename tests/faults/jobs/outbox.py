"""The product's own delivery."""

from workers.jobs import outbox
from workers.registry import ANY_STATE, job


@job(states=ANY_STATE)
def deliver_mail(**given):
    return outbox.deliver_mail(**given)
