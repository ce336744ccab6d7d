"""What people are told by mail: every event with its texts, and the kinds they can switch off.

The texts have places for `who` acted, `company`, `item` (a catalogue item's title), and the facts
that `tell` is given. Nothing of what people wrote stands in a mail: that needs a sign-in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tenants.core.text import _m

PLACE = re.compile(r"%\((\w+)\)s")
# What the job knows by itself.
GIVEN = frozenset({"who", "company"})


@dataclass(frozen=True, slots=True)
class Category:
    """`optional` ones can be switched off; everybody gets all of them at first."""

    code: str
    title: str
    contents: str
    icon: str
    optional: bool = True


CATEGORIES = (
    Category("to_do", _m("Waits for me"),
             _m("A question to answer, a result to approve or to check, a request that was assigned "
                "to me or comes back to me, work whose time is running out."), "hand-stop"),
    Category("new_requests", _m("New requests"),
             _m("A request was raised on a service line that I work on, or on my company's behalf."),
             "inbox"),
    Category("conversation", _m("Messages and answers"),
             _m("Somebody wrote on my request, or answered my question."), "message-2"),
    Category("outcome", _m("Decisions and results"),
             _m("A result was approved, refused or delivered, or a request was cancelled."),
             "package-export"),
    Category("subscription", _m("Subscription and payments"),
             _m("A payment of my company is late; its access changes; its trial ends."),
             "credit-card", optional=False),
    Category("access", _m("Who may see what"),
             _m("Somebody of the provider got access to my company; a grant of mine began or "
                "ended."), "key"),
    Category("security", _m("Security"),
             _m("My password or my second factor changed; my company has a new administrator."),
             "shield-check", optional=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """`waits`: nobody is told once what it is about doesn't wait any more. `to_actor`: who did it
    is told too. `in_hours`: nobody gets it before their own office hours."""

    code: str
    category: str
    subject: str
    lead: str
    action: str
    consequence: str = ""
    waits: bool = False
    to_actor: bool = False
    in_hours: bool = False

    @property
    def places(self) -> set[str]:
        """The facts that its texts can't do without."""
        found = PLACE.findall(f"{self.subject} {self.lead} {self.consequence}")
        return set(found) - GIVEN


_OPEN = _m("Open the request")
_REQUESTS = (
    Event("request.raised", "new_requests", _m("New request: %(item)s"),
          _m("%(who)s raised request %(number)s: %(item)s."), _OPEN,
          _m("It waits until one of the operators of this line takes it."), waits=True),
    Event("request.raised_for_you", "new_requests", _m("Raised for you: %(item)s"),
          _m("%(who)s raised request %(number)s on your company's behalf: %(item)s."), _OPEN),
    Event("request.raised_by_mail", "conversation", _m("Your mail is request %(number)s: %(item)s"),
          _m("Your mail became request %(number)s: %(item)s."), _OPEN, to_actor=True),
    Event("request.assigned", "to_do", _m("Assigned to you: %(item)s"),
          _m("%(who)s assigned request %(number)s to you: %(item)s."), _OPEN),
    Event("request.asked", "to_do", _m("A question for you: %(item)s"),
          _m("%(who)s has a question about request %(number)s: %(item)s."), _m("Answer"),
          _m("The work stands still until you answer."), waits=True),
    Event("request.documents_asked", "to_do", _m("Documents asked for: %(item)s"),
          _m("%(who)s asks you for documents (%(count)s) for request %(number)s: %(item)s."),
          _m("See the list"), _m("The work stands still until every document is there or said to "
                                 "be missing."), waits=True),
    Event("request.document_returned", "to_do", _m("A document comes back: %(item)s"),
          _m("%(who)s can't use a document of request %(number)s and says why: %(item)s."),
          _m("See the list"), _m("The work stands still until it is there."), waits=True),
    Event("request.documents_given", "conversation", _m("Documents are there: %(item)s"),
          _m("%(who)s answered the last document of the list of request %(number)s: %(item)s."),
          _OPEN),
    Event("request.reminder", "to_do", _m("Still waits for you: %(item)s"),
          _m("The work on request %(number)s still waits for your answer: %(item)s."),
          _m("Answer"), _m("It stands still until then, and the day on which it is due moves."),
          waits=True, in_hours=True),
    Event("request.answered", "conversation", _m("Answered: %(item)s"),
          _m("%(who)s answered the question about request %(number)s: %(item)s."), _OPEN),
    Event("request.client_wrote", "conversation", _m("New message: %(item)s"),
          _m("%(who)s wrote a message on request %(number)s: %(item)s."), _m("Read the message")),
    Event("request.provider_wrote", "conversation", _m("New message: %(item)s"),
          _m("%(who)s wrote a message on request %(number)s: %(item)s."), _m("Read the message")),
    Event("request.to_review", "to_do", _m("To check: %(item)s"),
          _m("%(who)s handed over request %(number)s for the quality check: %(item)s."),
          _m("Check the result"),
          _m("Nothing goes to the client before a second person has checked it."), waits=True),
    Event("request.returned", "to_do", _m("Back from the quality check: %(item)s"),
          _m("%(who)s checked request %(number)s and found something to correct: %(item)s."), _OPEN,
          _m("The result goes on only when you hand it over again.")),
    Event("request.to_approve", "to_do", _m("Please approve: %(item)s"),
          _m("The result of request %(number)s is ready for your decision: %(item)s."),
          _m("Look and decide"), _m("Nothing is delivered before you approve."), waits=True),
    Event("request.approved", "outcome", _m("Approved: %(item)s"),
          _m("%(who)s approved the result of request %(number)s: %(item)s."), _OPEN),
    Event("request.refused", "outcome", _m("Refused: %(item)s"),
          _m("%(who)s refused the result of request %(number)s: %(item)s."), _m("Read the reason"),
          _m("The work goes on; a corrected result has to be checked and approved again.")),
    Event("request.approval_expired", "to_do", _m("Not decided in time: %(item)s"),
          _m("Nobody decided in time on the result of request %(number)s: %(item)s."), _OPEN,
          _m("Talk to the client, then ask for the approval again.")),
    Event("request.rate", "outcome", _m("How did it go? %(item)s"),
          _m("Request %(number)s is closed: %(item)s. One click tells us how satisfied you are."),
          _m("Rate it"), _m("You need not sign in. We ask you at most once in 14 days.")),
    Event("request.rated_low", "to_do", _m("Not satisfied: %(item)s"),
          _m("The client gave a low rating to request %(number)s: %(item)s."), _OPEN,
          _m("Talk to the client by the end of the next business day, and write down what you "
             "agreed.")),
    Event("request.delivered", "outcome", _m("Delivered: %(item)s"),
          _m("The result of request %(number)s is delivered: %(item)s."), _m("Read and confirm"),
          _m("Your request stays open until you confirm the result.")),
    Event("request.first_response_warning", "to_do", _m("First answer due: %(item)s"),
          _m("Request %(number)s has no answer yet, and %(share)s of the time for it is used: "
             "%(item)s."), _OPEN, waits=True, in_hours=True),
    Event("request.resolution_warning", "to_do", _m("Due soon: %(item)s"),
          _m("%(share)s of the time for request %(number)s is used: %(item)s."), _OPEN,
          waits=True, in_hours=True),
    Event("request.first_response_missed", "to_do", _m("First answer overdue: %(item)s"),
          _m("Request %(number)s was not answered in the time agreed: %(item)s."), _OPEN,
          waits=True, in_hours=True),
    Event("request.resolution_missed", "to_do", _m("Overdue: %(item)s"),
          _m("The time agreed for request %(number)s is used up: %(item)s."), _OPEN,
          waits=True, in_hours=True),
    Event("clock.missed", "to_do", _m("A target was missed at %(company)s"),
          _m("Request %(number)s of %(company)s was not done in the time agreed."),
          _m("Open the company"), in_hours=True),
    Event("request.pause_contested", "to_do", _m("A pause is contested: %(item)s"),
          _m("%(who)s contests that the clock of request %(number)s stood still: %(item)s."),
          _m("Look and decide"), _m("Somebody who did not stop the clock decides.")),
    Event("request.contest_decided", "outcome", _m("Your objection was decided: %(item)s"),
          _m("%(who)s decided on your objection to a pause of request %(number)s: %(item)s."),
          _m("Read the answer")),
    Event("request.cancelled", "outcome", _m("Cancelled: %(item)s"),
          _m("%(who)s cancelled request %(number)s: %(item)s. Nothing is left to do."), _OPEN),
)  # fmt: skip
_LIFE = (
    Event("request.planned", "outcome", _m("Planned: %(item)s"),
          _m("%(who)s accepted request %(number)s and planned it: %(item)s."), _m("See the date")),
    Event("request.day_has_come", "to_do", _m("Begins today: %(item)s"),
          _m("The planned day of request %(number)s has come: %(item)s."), _OPEN),
    Event("request.quoted", "to_do", _m("An offer for you: %(item)s"),
          _m("%(who)s sent an offer for request %(number)s: %(item)s."), _m("Look and decide"),
          _m("The work begins only after you accept the price."), waits=True),
    Event("request.quote_accepted", "outcome", _m("Offer accepted: %(item)s"),
          _m("%(who)s accepted the offer for request %(number)s: %(item)s."), _OPEN),
    Event("request.quote_declined", "outcome", _m("Offer declined: %(item)s"),
          _m("%(who)s declined the offer for request %(number)s: %(item)s."),
          _m("Read the reason")),
    Event("request.rejected", "outcome", _m("Not accepted: %(item)s"),
          _m("%(who)s can't take on request %(number)s: %(item)s."), _m("Read the reason")),
    Event("request.reopened", "to_do", _m("Reopened: %(item)s"),
          _m("%(who)s is not content with the result of request %(number)s: %(item)s."),
          _m("Read the reason"), _m("The work goes on, with the time that it used already.")),
    Event("request.merged", "outcome", _m("Goes on in another request: %(item)s"),
          _m("%(who)s found that request %(number)s is part of request %(other)s: %(item)s."), _OPEN,
          _m("The work goes on there; everything that was written stays readable.")),
    Event("request.split", "new_requests", _m("A request of its own: %(item)s"),
          _m("%(who)s made request %(number)s of a part of request %(other)s: %(item)s."), _OPEN),
)  # fmt: skip
_MONTHS = (
    Event("month.to_sign", "to_do", _m("%(month)s waits for its sign-off"),
          _m("The service levels of %(company)s for %(month)s are counted. Missed targets: "
             "%(missed)s."), _m("Look at the figures"),
          _m("The client's credits are computed only when somebody signs the month off."),
          in_hours=True),
    Event("report.to_check", "to_do", _m("To check: service report %(month)s"),
          _m("%(who)s wrote the service report of %(company)s for %(month)s."),
          _m("Look at the report"),
          _m("Nothing goes to the client before a second person has checked it."), in_hours=True),
    Event("report.sent", "outcome", _m("Your service report for %(month)s"),
          _m("The service report of %(company)s for %(month)s is there: what was promised and kept, "
             "what was done, and what is open."), _m("Read the report")),
)  # fmt: skip
_OFF = _m(
    "Mend the receiver, then switch the webhook on again. What happens until then is not sent."
)
_WEBHOOKS = (
    Event("webhook.failing", "to_do", _m("A webhook was switched off"),
          _m("The receiver of one of your company's webhooks took no message for %(days)s days, so "
             "we switched it off."), _m("See what it answered"), _OFF),
    Event("webhook.gone", "to_do", _m("A webhook was switched off"),
          _m("The receiver of one of your company's webhooks says that it is gone for good, so we "
             "switched it off."), _m("See what it answered"), _OFF),
)  # fmt: skip
_RECURRING = (
    Event("recurring.blocked", "to_do", _m("Recurring work %(number)s stands still"),
          _m("Recurring work %(number)s of %(company)s could not be raised."),
          _m("Look and decide"), _m("Nothing is raised for this period until somebody decides."),
          in_hours=True),
)  # fmt: skip
_INVOICES = (
    Event("invoice_schedule.waits", "to_do", _m("A recurring invoice of %(company)s stands still"),
          _m("A draft that is due today could not be made for %(company)s."),
          _m("Look and decide"),
          _m("It is tried again every day; the drafts after it wait for it."), in_hours=True),
    Event("invoice_schedule.incomplete", "to_do",
          _m("A recurring invoice of %(company)s needs you"),
          _m("Its draft is made, but can't be validated yet: something is missing."),
          _m("See what is missing"), in_hours=True),
    Event("sales_invoice.not_sent", "to_do", _m("Invoice %(number)s of %(company)s was not sent"),
          _m("Invoice %(number)s was about to leave by mail, and stayed: its file or its state "
             "changed meanwhile, or it was too late."), _m("Look at the invoice"),
          _m("The customer has nothing of it until somebody sends it again."), to_actor=True),
    Event("sales_invoice.not_delivered", "to_do",
          _m("Invoice %(number)s of %(company)s was not delivered"),
          _m("The mail with invoice %(number)s never reached %(address)s: the mail server refused it, or "
             "couldn't be reached."), _m("Look at the invoice"),
          _m("Correct the address and send it again, or hand it over yourself.")),
)  # fmt: skip
_HANDOVER = (
    Event("handover.sent", "to_do", _m("%(person)s asks you to stand in at %(company)s"),
          _m("%(person)s is away and hands requests (%(count)s) of %(company)s over to you."),
          _m("Read and answer"),
          _m("Accept or decline each of them, so that none is left alone.")),
    Event("handover.open", "to_do", _m("Nobody stands in for %(person)s at %(company)s"),
          _m("Work of %(person)s at %(company)s has nobody who took it over for the absence."),
          _m("Look and decide"), _m("Until then it stays with somebody who is away."),
          to_actor=True),
)  # fmt: skip
_PAY = _m("Open the subscription")
_ANSWER = _m("Read the answer")
_BACK = _m("A running period counts less; after its invoice you get a credit note.")
_DECIDE = _m("Look and decide")
_OFFICE = (
    Event("billing.contest_raised", "to_do", _m("%(company)s contests a usage record"),
          _m("%(who)s of %(company)s contests what is billed for a request."), _DECIDE),
    Event("billing.contest_proposed", "to_do",
          _m("A decision for %(company)s needs a second person"),
          _m("%(who)s decided on contested usage of %(company)s that is worth more than 100 euros."),
          _DECIDE, _m("Nothing changes until somebody else confirms it.")),
    Event("billing.credit_asked", "to_do", _m("A credit for %(company)s waits for approval"),
          _m("%(company)s is to get a credit that somebody has to approve."), _DECIDE,
          _m("It isn't issued before that.")),
    Event("billing.file_incomplete", "to_do",
          _m("An invoice of %(company)s is not a valid e-invoice yet"),
          _m("The file of a subscription invoice of %(company)s can't go to a platform: %(lacks)s"),
          _m("Look at your invoicing data"),
          _m("It is written again by itself once the data are complete.")),
    Event("billing.credit_refused", "to_do", _m("A credit for %(company)s could not be issued"),
          _m("Stripe refused a credit for %(company)s, or gave no answer."), _DECIDE,
          _m("The client has nothing of it until you say how it goes on.")),
)  # fmt: skip
_LATE = _m("An invoice of %(company)s is not paid yet, or could not be charged.")
_USE = _m("Open the usage")
_LARGER = _m("Choose a larger plan under Subscription, or ask us for more.")
_SUBSCRIPTION = (
    Event("billing.payment_late_0", "subscription", _m("A payment of %(company)s is late"), _LATE,
          _PAY, _m("Everything goes on for now. Pay the invoice, or correct the payment method.")),
    Event("billing.payment_late_3", "subscription",
          _m("Reminder: a payment of %(company)s is late"), _LATE, _PAY,
          _m("Everything goes on for now. New requests wait from the seventh day on.")),
    Event("billing.payment_late_7", "subscription",
          _m("New requests of %(company)s wait for a payment"), _LATE, _PAY,
          _m("What we work on goes on. New requests can be raised again once it is paid.")),
    Event("billing.payment_late_12", "subscription",
          _m("%(company)s is about to be suspended"), _LATE, _PAY,
          _m("In two days everything but reading, exporting and paying stops until it is paid.")),
    Event("billing.suspended", "subscription", _m("%(company)s is suspended"),
          _m("What is open was not paid in time, or the trial ended without a payment method."),
          _PAY, _m("You can read, export and pay. Work goes on within minutes of the payment.")),
    Event("billing.resumed", "subscription", _m("%(company)s is active again"),
          _m("Thank you: everything that was open is paid."), _PAY),
    Event("billing.cancelled", "subscription", _m("The subscription of %(company)s has ended"),
          _m("No work is done any more and nothing more is billed."), _PAY,
          _m("You can read and export everything until the day below, or subscribe again.")),
    Event("billing.trial_ends", "subscription", _m("The trial of %(company)s ends soon"),
          _m("The trial ends on the day below."), _PAY,
          _m("Add a payment method if you want to go on; without one everything stands still.")),
    Event("billing.change_unpaid", "subscription",
          _m("The change of plan of %(company)s waits for its payment"),
          _m("The charge for the new plan did not go through. Until it is paid you stay on your plan."),
          _m("Open the change"),
          _m("Pay the invoice there, or take the change back. Unpaid, it is dropped within a day.")),
    Event("billing.seats_80", "subscription", _m("%(company)s has used 80 percent of its seats"),
          _m("Most of the seats of your plan are taken."), _USE, _LARGER),
    Event("billing.seats_100", "subscription", _m("All seats of %(company)s are taken"),
          _m("Nobody else can be invited until a seat is free."), _USE, _LARGER),
    Event("billing.storage_gb_80", "subscription",
          _m("%(company)s has used 80 percent of its storage"),
          _m("Most of the storage of your plan is used."), _USE, _LARGER),
    Event("billing.storage_gb_100", "subscription", _m("The storage of %(company)s is full"),
          _m("Your people can send no more files. What we deliver still arrives."), _USE, _LARGER),
    Event("billing.trial_used_80", "subscription",
          _m("%(company)s has used 80 percent of its trial"),
          _m("Of something that the trial includes, 80 percent are used. Nothing is charged."), _USE,
          _m("Once it is used up, new requests wait until the trial ends.")),
    Event("billing.trial_used_100", "subscription", _m("The trial of %(company)s is used up"),
          _m("New requests wait until the trial ends. What we work on goes on and stays free."), _USE),
    Event("billing.contest_upheld", "subscription", _m("Your contest was upheld"),
          _m("A usage record that %(company)s contested is not billed."), _ANSWER, _BACK),
    Event("billing.contest_adjusted", "subscription", _m("Your contest was upheld in part"),
          _m("Less is billed of a usage record that %(company)s contested."), _ANSWER, _BACK),
    Event("billing.contest_answered", "subscription", _m("Your contest was answered"),
          _m("A usage record that %(company)s contested stays billed. The answer says why."),
          _ANSWER),
    Event("billing.credit_issued", "subscription", _m("%(company)s got a credit"),
          _m("A credit for %(company)s was issued. It says what it is for."),
          _m("See the credits"),
          _m("It lowers an open invoice, or counts for the next ones.")),
)  # fmt: skip
_ACCESS = (
    Event("grant.given", "access", _m("You have access to %(company)s"),
          _m("%(who)s gave you access to %(company)s: %(line)s."), _m("Open the requests")),
    Event("grant.ended", "access", _m("Your access to %(company)s ended"),
          _m("%(who)s ended your access to %(company)s: %(line)s."), _m("Open Coulisse")),
    Event("access.opened", "access", _m("Somebody of the provider got access"),
          _m("%(person)s of the provider got access to %(company)s: %(line)s."),
          _m("See who has access"), _m("You can end this access there at any time.")),
    Event("guest.invited", "access", _m("A guest may look at %(company)s"),
          _m("%(who)s invited %(person)s as a guest: %(line)s."), _m("See the guests"),
          _m("You can end this access there at any time.")),
    Event("guest.ends_soon", "access", _m("The access of a guest ends soon"),
          _m("%(person)s is a guest of %(company)s. The access ends by itself."),
          _m("Renew it or let it end")),
    Event("guest.ended", "access", _m("The access of a guest ended"),
          _m("%(person)s was a guest of %(company)s. The time of the access is over."),
          _m("See the guests")),
)  # fmt: skip
_NOT_ME = _m("If it was not you, set a new password at once and tell your administrator.")
_SECURITY = (
    Event("invoicing.account_changed", "security",
          _m("The account on the invoices of %(company)s was changed"),
          _m("%(who)s changed the account that the invoices of %(company)s are paid to."),
          _m("Look at the account"),
          _m("If you know nothing of it, ask who did it before another invoice leaves."),
          to_actor=True),
    Event("account.password_changed", "security", _m("Your password was changed"),
          _m("The password of your account was changed."), _m("Look at your account"), _NOT_ME,
          to_actor=True),
    Event("account.second_factor_reset", "security", _m("Your second factor was reset"),
          _m("%(who)s reset the authenticator app of your account. You set up a new one when you "
             "sign in."), _m("Sign in"), _NOT_ME, to_actor=True),
    Event("account.second_factor_changed", "security", _m("Your second factor was changed"),
          _m("The authenticator app of your account was set up, replaced or removed."),
          _m("Look at your account"), _NOT_ME, to_actor=True),
    Event("company.new_administrator", "security", _m("A new administrator: %(person)s"),
          _m("%(who)s made %(person)s an administrator of %(company)s."), _m("See the people"),
          to_actor=True),
)  # fmt: skip

EVENTS = {
    one.code: one
    for one in (
        *_REQUESTS,
        *_LIFE,
        *_MONTHS,
        *_RECURRING,
        *_INVOICES,
        *_WEBHOOKS,
        *_HANDOVER,
        *_SUBSCRIPTION,
        *_OFFICE,
        *_ACCESS,
        *_SECURITY,
    )
}
_BY_CODE = {one.code: one for one in CATEGORIES}


def category_of(event: Event) -> Category:
    return _BY_CODE[event.category]


def optional_codes() -> Iterator[str]:
    return (one.code for one in CATEGORIES if one.optional)
