"""The texts that every company begins with, in each language of documents. They are what a document
says to its reader, so they stand here whole and not among the texts of the screens."""

from collections.abc import Mapping

from app.documents.templating.filling import Wording

_LETTER = {
    "fr": ("{{request_title}}", ("{{salutation}},\n\n\n\nJe vous prie d’agréer, {{salutation}}, "
           "l’expression de mes salutations distinguées.")),
    "de": ("{{request_title}}", "{{salutation}},\n\n\n\nmit freundlichen Grüßen"),
    "en": ("{{request_title}}", "{{salutation}},\n\n\n\nYours sincerely,"),
}  # fmt: skip
_LIST = {
    "fr": ("{{request_title}}", ("Liste établie par {{company_name}} le {{today}}, demande nº "
           "{{request_number}}.")),
    "de": ("{{request_title}}", ("Liste von {{company_name}} vom {{today}}, Auftrag Nr. "
           "{{request_number}}.")),
    "en": ("{{request_title}}", ("List made by {{company_name}} on {{today}}, request no. "
           "{{request_number}}.")),
}  # fmt: skip
_COVER = {
    "fr": ("{{request_title}}", ("À l’attention de **{{recipient_name}}**\n{{recipient_address}}\n\n"
           "Vous trouverez ci-joint les pièces suivantes.")),
    "de": ("{{request_title}}", ("Zu Händen **{{recipient_name}}**\n{{recipient_address}}\n\n"
           "Anbei erhalten Sie die folgenden Unterlagen.")),
    "en": ("{{request_title}}", ("For the attention of **{{recipient_name}}**\n{{recipient_address}}"
           "\n\nPlease find the following documents enclosed.")),
}  # fmt: skip
_INVOICE = {
    "fr": ("", "Nous vous remercions de votre confiance."),
    "de": ("", "Vielen Dank für Ihren Auftrag."),
    "en": ("", "Thank you for your business."),
}
_CLOSING = {"letter": "{{signatory}}\n{{company_name}}"}
_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "letter": _LETTER, "list": _LIST, "cover": _COVER, "invoice": _INVOICE,
}  # fmt: skip


def built_in(kind: str, language: str) -> Wording:
    subject, body = _TEXTS[kind][language]
    return Wording(kind, subject, body, _CLOSING.get(kind, ""))
