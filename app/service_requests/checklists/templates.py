"""What has to be done for each catalogue item. A change here is a new version, for the requests
that are raised from then on."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenants.core.text import _m

KINDS = ("do", "attach", "compute", "ask_client", "approve", "wait_until")


@dataclass(frozen=True, slots=True)
class Step:
    """`needs`: for attach the kind of deliverable or form file, empty for any; for compute the
    figure that must be so; for wait_until the field of the form that holds the day."""

    kind: str
    label: str
    needs: str = ""
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class Template:
    code: str
    version: int
    steps: tuple[Step, ...]


PAYMENT_CONTROL = Template(
    "payment_control",
    1,
    (
        Step("compute", _m("Every proposed match is confirmed or refused"), "decided"),
        Step("do", _m("What stays open looks plausible: old items, round sums, known payers"),
             mandatory=False),
        Step("attach", _m("The report is attached")),
        Step("approve", _m("The client approves the report")),
    ),
)  # fmt: skip
GENERAL = Template(
    "general",
    1,
    (
        Step("do", _m("Names, dates and amounts are compared with what the client sent"),
             mandatory=False),
        Step("attach", _m("The result is attached")),
    ),
)  # fmt: skip
OF_ITEM: Mapping[str, Template] = {"payment_control": PAYMENT_CONTROL}


def template_of(item: str) -> Template:
    return OF_ITEM.get(item, GENERAL)
