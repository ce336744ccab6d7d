"""What the operator reads beside a proposal, in English; translated when shown."""

from tenants.core.text import _m

SAME = _m("Number %(number)s in the text, and the same amount of %(amount)s.")
TOGETHER = _m("Number %(number)s in the text; all invoices named there make up the line.")
NETTED = _m(
    "Number %(number)s in the text; the invoices named there less the credit notes make up the line."
)
PART = _m("Number %(number)s in the text; %(amount)s of it paid, %(rest)s stay open.")
SETTLED = _m("Number %(number)s in the text; its open %(amount)s are covered by the line.")
OVERPAID = _m("Number %(number)s in the text; %(rest)s more were paid than is open.")
IBAN = _m("The same amount of %(amount)s from the account %(iban)s of %(customer)s.")
NAME = _m("The same amount of %(amount)s from “%(name)s”, like %(customer)s.")
LEARNED = _m(
    "Learned: %(evidence)s paid for %(customer)s in request %(requests)s"
    " (%(times)s×, by %(by)s); the same amount of %(amount)s."
)
SUM_IBAN = _m(
    "%(numbers)s together make exactly %(total)s, and nothing else that %(customer)s owes does;"
    " paid from its account %(iban)s."
)
SUM_NAME = _m(
    "%(numbers)s together make exactly %(total)s, and nothing else that %(customer)s owes does;"
    " paid by “%(name)s”."
)
SUM_LEARNED = _m(
    "Learned: %(evidence)s paid for %(customer)s in request %(requests)s"
    " (%(times)s×, by %(by)s); %(numbers)s together make exactly %(total)s."
)
INSTALMENTS = _m(
    "One of %(count)s payments from the account %(iban)s that together make the %(whole)s"
    " of %(number)s."
)
SEVERAL_ITEMS = _m("%(amount)s fit several open items: %(numbers)s.")
SEVERAL_LINES = _m("Several lines of %(amount)s fit the one open item %(numbers)s.")
SEVERAL_SUMS = _m(
    "%(amount)s can be made up of the open items in several ways. The oldest that fit: %(numbers)s."
)
CONTESTED_SUM = _m("%(numbers)s make %(amount)s, but another line claims one of them too.")
TOO_MANY = _m(
    "%(customer)s has %(count)s open items, too many to be sure which ones make %(amount)s."
    " The oldest add up: %(numbers)s."
)
SHORT = {
    "small_difference": _m(
        "%(lacking)s less than the open %(whole)s of %(number)s: a small difference."
    ),
    "bank_charge": _m(
        "%(lacking)s less than the open %(whole)s of %(number)s: the bank's charges on this line."
    ),
    "cash_discount": _m(
        "%(lacking)s less than the open %(whole)s of %(number)s: %(rate)s cash discount,"
        " paid %(days)s days after the invoice."
    ),
}
OVER = _m("%(lacking)s more than the open %(whole)s of %(number)s: a small difference.")
# How the payer is known; one of the sentences above comes after it.
BY_NUMBER = _m("Number %(number)s in the text.")
BY_NUMBERS = _m("Numbers %(numbers)s in the text.")
BY_IBAN = _m("From the account %(iban)s of %(customer)s.")
BY_NAME = _m("From “%(name)s”, like %(customer)s.")
BY_LEARNED = _m(
    "Learned: %(evidence)s paid for %(customer)s in request %(requests)s (%(times)s×, by %(by)s)."
)
SHARED_DISCOUNT = _m(
    "%(lacking)s less than the open %(whole)s of %(number)s: %(rate)s cash discount on all of them."
)
SHARED = _m("All invoices named there are paid but for %(lacking)s, taken on %(number)s.")
CODES = {
    TOGETHER: "reference_together",
    NETTED: "reference_netted",
    SETTLED: "reference_settled",
    OVERPAID: "reference_overpaid",
}
