"""The parts of an item: fields of the form, files, steps of the checklist, results."""

from dataclasses import dataclass

from tenants.core.text import Words

FIELD_KINDS = (
    "text", "long_text", "date", "month", "number", "money", "choice", "yes_no", "email", "phone",
    "iban", "vat_id",
)  # fmt: skip
STEP_KINDS = ("do", "attach", "compute", "ask_client", "approve", "wait_until")


@dataclass(frozen=True, slots=True)
class FormField:
    """`choices` are the values of a choice with their labels; `least` and `most` bound a number,
    `most` the length of a text."""

    name: str
    kind: str
    label: Words
    help: Words | str = ""
    placeholder: Words | str = ""
    required: bool = False
    least: int | None = None
    most: int | None = None
    currency: str = "EUR"
    choices: tuple[tuple[str, Words], ...] = ()


@dataclass(frozen=True, slots=True)
class FileSlot:
    name: str
    label: Words
    help: Words | str = ""
    accept: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """`needs`: for attach the kind of result or form file, empty for any; for compute the figure
    that must be so; for wait_until the field of the form that holds the day."""

    kind: str
    label: str
    needs: str = ""
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class Result:
    """A kind of deliverable."""

    code: str
    label: Words
    accept: str = ""
    required: bool = True
