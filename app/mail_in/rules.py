"""What the installation says of mail that comes in."""

from dataclasses import dataclass
from datetime import timedelta

KEPT = timedelta(days=30)
# An answer says whose it is for so long after its request was closed.
ANSWERABLE = timedelta(days=14)
HOUR = timedelta(hours=1)
# From one sender in an hour: what is above waits for an operator, and above the second nothing more
# is taken for now. Likewise what one company gets from everybody.
MOST_LANDING = 30
MOST_OF_SENDER = 120
MOST_OF_COMPANY = 600


@dataclass(frozen=True, slots=True)
class MailRules:
    """`domain` is that of our addresses, `authserv_id` how our receiving server signs its findings,
    `own_domain` that of the mails we send."""

    domain: str
    authserv_id: str
    own_domain: str
