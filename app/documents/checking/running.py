"""`check`: a file against the rule sets that it must keep."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.documents.checking import gaps, reading
from app.documents.checking.installed import installed_packs
from app.documents.checking.packs import Pack, packaged
from app.documents.checking.process import CHECKER, Checker, Stopped
from app.documents.checking.slip import Finding, RuleRun, Slip

# Below a job's own limit; compiling the largest rule set takes two seconds of it.
SECONDS = 40.0


def check(
    content: bytes,
    packs: Sequence[str],
    *,
    now: datetime,
    installed: Mapping[str, Pack] | None = None,
    checker: Checker = CHECKER,
    seconds: float = SECONDS,
) -> Slip:
    """`packs` by name: those that come with the product, and the installed ones (by default those of
    the database, which is only asked when one of them is needed). A name that nobody knows, or
    whose rules could not run, is on the slip as not run: then it is never "valid"."""
    known = packaged()
    if installed is not None or set(packs) - set(known):
        known = {**known, **(installed_packs() if installed is None else installed)}
    seen = reading.look(content)
    runs: list[RuleRun] = []
    if seen.refused:
        finding = Finding(seen.refused, "fatal", seen.detail)
        runs.append(RuleRun("file", "", "failed", findings=(finding,)))
        runs += [_not_run(name, known.get(name), "unread") for name in packs]
    else:
        stopped = ""
        for name in dict.fromkeys(packs):
            pack = known.get(name)
            if pack is None or stopped:
                runs.append(_not_run(name, pack, stopped or "missing"))
                continue
            run = _run(pack, content, seen, checker, seconds)
            # A file that one rule set choked on is not given to three more.
            stopped = run.reason if run.reason in ("time", "memory") else ""
            runs.append(run)
    return Slip(
        sha256=hashlib.sha256(content).hexdigest(),
        at=now,
        runs=tuple(runs),
        not_checked=gaps.not_checked(runs, content),
    )


def _not_run(name: str, pack: Pack | None, reason: str) -> RuleRun:
    return RuleRun(
        name, pack.version if pack else "", "not_run",
        reason="missing" if pack is None else reason,
        sha256=pack.sha256 if pack else "",
    )  # fmt: skip


def _run(
    pack: Pack, content: bytes, seen: reading.Look, checker: Checker, seconds: float
) -> RuleRun:
    if seen.form != pack.form:
        wrong = Finding("FILE-FORM", "fatal", "")
        return RuleRun(pack.name, pack.version, "failed", findings=(wrong,), sha256=pack.sha256)
    try:
        answer = checker.ask(_request(pack, seen), content, seconds=seconds)
    except Stopped as error:
        return _not_run(pack.name, pack, error.reason)
    if answer["outcome"] == "not_run":
        return _not_run(pack.name, pack, answer["reason"])
    findings = [Finding(**one) for one in answer["findings"]]
    if answer["left_out"]:
        findings.append(Finding("FILE-MORE", "info", str(answer["left_out"])))
    return RuleRun(
        pack.name, pack.version, answer["outcome"], findings=tuple(findings), sha256=pack.sha256
    )


def _request(pack: Pack, seen: reading.Look) -> dict[str, Any]:
    path = pack.credit_path if pack.credit_path and seen.credit_note else pack.path
    return {
        "kind": pack.kind,
        "path": path,
        "text": pack.text,
        "codes": pack.codes,
        "sha256": pack.sha256,
        "profiles": pack.profiles,
        "derived": pack.derived,
        "levels": pack.levels,
    }
