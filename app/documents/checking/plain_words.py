"""Frequent rules in plain words. A rule without any here is shown in its own."""

from tenants.core.text import _m

# Several rules that say the same stand together; an end like "BR-CL" is for all that begin so.
_SAID: dict[str, str] = {
    "XSD": _m(
        "The file is not built as its format asks: an element is missing, in excess or in"
        " the wrong place."
    ),
    "FILE-EMPTY": _m("The file is empty."),
    "FILE-SIZE": _m("The file is larger than what is checked."),
    "FILE-XML": _m("The file is not well-formed XML."),
    "FILE-DTD": _m("The file declares a document type; invoices must not."),
    "FILE-FORM": _m("These rules are for another kind of file."),
    "FILE-PROFILE": _m("The file says another profile (BT-24) than these rules are for."),
    "FILE-MORE": _m("There are more findings than are listed here."),
    "NOT-USED": _m("The file holds something that its profile doesn’t provide for."),
    "FX-SCH-A": _m(
        "An element is missing, repeated or has a value that its profile doesn’t allow."
    ),
    "BR-01": _m("The profile of the invoice (BT-24) is missing."),
    "BR-02": _m("The invoice number is missing."),
    "BR-03": _m("The date of the invoice is missing."),
    "BR-04": _m("The type of invoice is missing."),
    "BR-05": _m("The currency is missing."),
    "BR-06": _m("The seller’s name is missing."),
    "BR-07": _m("The buyer’s name is missing."),
    "BR-08": _m("The seller’s address is missing."),
    "BR-09": _m("The country in the seller’s address is missing."),
    "BR-10": _m("The buyer’s address is missing."),
    "BR-11": _m("The country in the buyer’s address is missing."),
    "BR-16": _m("The invoice has no line."),
    "BR-22": _m("The quantity of a line is missing."),
    "BR-23": _m("The unit of a line is missing."),
    "BR-24": _m("The net amount of a line is missing."),
    "BR-25": _m("The name of what a line sells is missing."),
    "BR-26": _m("The unit price of a line is missing."),
    "BR-27": _m("A unit price is negative; make the quantity negative instead."),
    "BR-45": _m("The taxable amount of a VAT line is missing."),
    "BR-46": _m("The VAT amount of a VAT line is missing."),
    "BR-47": _m("The VAT category of a VAT line is missing."),
    "BR-48": _m("The rate of a VAT line is missing."),
    "BR-49": _m("How to pay is not said."),
    "BR-50 BR-61": _m("The account to pay into is missing."),
    "BR-52": _m("A supporting document has no reference."),
    "BR-53": _m("The VAT in the tax currency is missing."),
    "BR-55": _m("The number of the invoice that is referred to is missing."),
    "BR-62": _m("The seller’s e-invoice address has no scheme."),
    "BR-63": _m("The buyer’s e-invoice address has no scheme."),
    "BR-CO-03": _m("The VAT date and the rule for it must not both be given."),
    "BR-CO-04": _m("A line has no VAT category."),
    "BR-CO-09": _m("A VAT number doesn’t begin with the code of its country."),
    "BR-CO-10": _m("The sum of the lines is not the total of the lines."),
    "BR-CO-11": _m("The sum of the allowances is not their total."),
    "BR-CO-12": _m("The sum of the charges is not their total."),
    "BR-CO-13": _m("The total without VAT is not lines less allowances plus charges."),
    "BR-CO-14": _m("The VAT total is not the sum of the VAT lines."),
    "BR-CO-15": _m("The total with VAT is not the total without VAT plus VAT."),
    "BR-CO-16": _m("The amount due is not the total less what was paid, plus rounding."),
    "BR-CO-17": _m("The VAT of a VAT line is not its taxable amount times its rate."),
    "BR-CO-18": _m("There is no VAT line."),
    "BR-CO-25": _m("Neither a due date nor payment terms are given."),
    "BR-CO-26": _m(
        "The seller can’t be told apart: no identifier, legal registration or VAT number."
    ),
    "BR-S-02 BR-S-03 BR-S-04": _m(
        "With VAT at the standard rate the seller’s VAT number or tax number is needed."
    ),
    "BR-S-05": _m("A line with VAT has no rate above zero."),
    "BR-S-08 BR-E-08 BR-AE-08 BR-IC-08 BR-G-08 BR-O-08 BR-Z-08": _m(
        "The taxable amount of a VAT line is not the sum of the lines of its category and rate."
    ),
    "BR-S-09": _m(
        "The VAT of a line at the standard rate is not its taxable amount times its rate."
    ),
    "BR-E-10 BR-AE-10 BR-IC-10 BR-G-10 BR-O-10": _m("The reason for no VAT is missing."),
    "BR-AE-02 BR-AE-03 BR-AE-04 BR-IC-02 BR-IC-03 BR-IC-04": _m(
        "The VAT numbers of both parties are needed when the buyer owes the VAT."
    ),
    "BR-IC-11": _m("For a delivery within the EU the date of delivery or the period is needed."),
    "BR-IC-12": _m("For a delivery within the EU the country of delivery is needed."),
    "BR-DEC UBL-DT": _m("An amount has too many decimals."),
    "BR-CL": _m("A code is not in the list that is allowed here."),
    "BR-FR-01": _m("The number is longer than 35 characters."),
    "BR-FR-02": _m("The number holds characters that France doesn’t allow."),
    "BR-FR-03": _m("A date is not between 2000 and 2099."),
    "BR-FR-04": _m("This type of invoice is not accepted in France."),
    "BR-FR-05": _m(
        "A compulsory French mention is missing: recovery fee (PMT), late penalties (PMD)"
        " or discount (AAB)."
    ),
    "BR-FR-06": _m("A French mention stands more than once."),
    "BR-FR-08": _m(
        "The frame of the invoice (BT-23) is not one of the French ones, like B1 or S1."
    ),
    "BR-FR-09": _m("The seller’s or buyer’s SIRET doesn’t begin with its SIREN."),
    "BR-FR-10": _m("The seller’s SIREN is missing or has not 9 digits."),
    "BR-FR-11": _m("The buyer’s SIREN is missing or has not 9 digits."),
    "BR-FR-12": _m("The buyer’s e-invoice address is missing."),
    "BR-FR-13": _m("The seller’s e-invoice address is missing."),
    "BR-FR-15": _m("This VAT category is not accepted in France."),
    "BR-FR-16": _m("This VAT rate does not exist in France."),
    "BR-FR-20": _m("The kind of exchange (note BAR) is none of those that are allowed."),
    "BR-FR-21": _m(
        "The buyer’s e-invoice address must begin with its SIREN and have the scheme 0225."
    ),
    "BR-FR-22": _m(
        "In self-billing the seller’s e-invoice address must begin with its SIREN and "
        "have the scheme 0225."
    ),
    "BR-FR-23": _m("An e-invoice address holds characters that are not allowed."),
    "BR-FR-32": _m("A SIREN has not 9 digits."),
    "BR-FR-CO-12": _m("In a foreign currency the VAT in euros is needed too."),
    "BR-DE-1": _m("How to pay is missing."),
    "BR-DE-2": _m("The seller’s contact is missing."),
    "BR-DE-3": _m("The seller’s town is missing."),
    "BR-DE-4": _m("The seller’s postcode is missing."),
    "BR-DE-5": _m("The name of the seller’s contact is missing."),
    "BR-DE-6": _m("The telephone number of the seller’s contact is missing."),
    "BR-DE-7": _m("The e-mail address of the seller’s contact is missing."),
    "BR-DE-8": _m("The buyer’s town is missing."),
    "BR-DE-9": _m("The buyer’s postcode is missing."),
    "BR-DE-14": _m("The rate of a VAT line is missing."),
    "BR-DE-15": _m("The buyer’s reference (Leitweg-ID) is missing."),
    "BR-DE-16": _m("The seller’s VAT number or tax number is missing."),
    "BR-DE-17": _m("This type of invoice is not accepted in Germany."),
    "BR-DE-18": _m("The cash discount is not written as XRechnung asks."),
    "BR-DE-19 BR-DE-20": _m("An IBAN is wrong."),
    "BR-DE-21": _m("The profile (BT-24) is not that of XRechnung."),
    "BR-DE-22": _m("Two attachments have the same name."),
}

_PLAIN = {rule: text for rules, text in _SAID.items() for rule in rules.split()}


def plain_words(rule: str) -> str:
    """An English source text, or "": by the rule, then by what stands before its "_", then by its
    family."""
    name = rule.partition("_")[0]
    family = name.rpartition("-")[0]
    return _PLAIN.get(rule) or _PLAIN.get(name) or _PLAIN.get(family, "")
