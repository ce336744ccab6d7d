"""What no rule set of a slip looked at."""

from collections.abc import Iterable

from app.documents.checking.packs import INSTALLABLE, packaged
from app.documents.checking.slip import RuleRun


def not_checked(runs: Iterable[RuleRun], content: bytes) -> tuple[str, ...]:
    """Names of packs, then keys of `wording.GAPS`."""
    all_runs = list(runs)
    ran = {run.pack for run in all_runs if run.outcome != "not_run"}
    missing = [run.pack for run in all_runs if run.outcome == "not_run"]
    known = {name: pack.kind for name, pack in packaged().items()}
    gaps = []
    if not any(known.get(name) == "xsd" for name in ran):
        gaps.append("structure")
    if not any(known.get(name) == "schematron" or name in INSTALLABLE for name in ran):
        gaps.append("rules")
    if any(name.startswith(("br-fr-", "ctc-fr-")) for name in ran):
        gaps.append("public-fr")
    if b"EmbeddedDocumentBinaryObject" in content or b"AttachmentBinaryObject" in content:
        gaps.append("attachments")
    return (*missing, *gaps, "registers")
