"""Rule packs as their publishers give them out: a ZIP of KoSIT (xrechnung-schematron or
validator-configuration-xrechnung), or one file of rules. Read in memory, nothing is unpacked."""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.documents.checking import schematron
from app.documents.checking.packs import INSTALLABLE
from tenants.core.errors import Invalid
from tenants.core.text import _m

MAX_FILE = 64 * 1024 * 1024
_MAX_MEMBER = 16 * 1024 * 1024
_MAX_TOTAL = 128 * 1024 * 1024
_MAX_MEMBERS = 5000
_ENDINGS = (".xsl", ".xslt", ".sch")
_SVRL = "http://purl.oclc.org/dsdl/svrl"
_RULE = re.compile(
    r"""<(?:(?:\w+:)?attribute\ name="id">\s*|[\w:]*(?:failed-assert|successful-report)\b[^>]*?\sid=")"""
    r"""([A-Za-z][\w.-]+)""",
    re.VERBOSE,
)
# Nothing lies beside rules that are kept.
_NEEDS_MORE = re.compile(
    r"<xsl:(?:include|import)\b|\b(?:document|doc)\(\s*(?:['\"]|&quot;|&apos;)"
)
# Of rule sets that come with the product and hold those of CEN among their own.
_OF_OTHERS = ("FX-SCH-", "BR-FXEXT-", "BR-FREXT-")
_VERSIONS = (
    re.compile(r"Schematron Version (\d[\w.]*)[^<\"]*?XRechnung (\d[\d.]*)", re.IGNORECASE),
    re.compile(r"Schematron version (\d[\d.]*)", re.IGNORECASE),
    re.compile(r"release (\d[\d.]*)", re.IGNORECASE),
)
_SCENARIOS = "{http://www.xoev.de/de/validator/framework/1/scenarios}"


class BadPack(Invalid):
    code = "bad_rule_pack"


@dataclass(frozen=True, slots=True)
class FoundPack:
    """`text` is XSLT that needs nothing beside itself."""

    name: str
    version: str
    text: str
    rules: int
    source: str
    levels: dict[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_packs(name: str, content: bytes, *, version: str = "") -> list[FoundPack]:
    """Every rule set of the file that can be installed. `version` stands for one that the file
    doesn't say itself."""
    if len(content) > MAX_FILE:
        raise BadPack(_m("This file is larger than %(limit)s MB."), limit=MAX_FILE // 1024**2)
    files = dict(_members(content)) if content[:2] == b"PK" else {name: content}
    levels = _levels(files)
    found: dict[str, FoundPack] = {}
    for path, data in files.items():
        pack = _pack(path, data, version, levels) if path.lower().endswith(_ENDINGS) else None
        if pack is None:
            continue
        before = found.get(pack.name)
        # Publishers lay the source beside what was compiled of it; the compiled one is taken.
        if before is not None and before.source.rpartition(".")[0] != path.rpartition(".")[0]:
            raise BadPack(
                _m("This file holds two rule sets for %(name)s: %(first)s and %(second)s. Please "
                   "take the current release, or add one of them alone."),
                name=pack.name, first=before.source, second=path,
            )  # fmt: skip
        if before is None or path.lower().endswith((".xsl", ".xslt")):
            found[pack.name] = pack
    if not found:
        raise BadPack(_m("No rule set was found in this file that can be installed."))
    return list(found.values())


def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_strange(entries)
            left = _MAX_TOTAL
            for entry in entries:
                if entry.is_dir() or not _wanted(entry.filename):
                    continue
                with archive.open(entry) as source:
                    # What the directory says of the size is only what it says.
                    data = source.read(_MAX_MEMBER + 1)
                left -= len(data)
                if len(data) > _MAX_MEMBER or left < 0:
                    raise BadPack(_m("This ZIP holds more than a rule pack can."))
                yield entry.filename, data
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadPack(_m("This ZIP can't be read.")) from error


def _wanted(path: str) -> bool:
    return path.lower().endswith((*_ENDINGS, "scenarios.xml"))


def _refuse_strange(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MAX_MEMBERS:
        raise BadPack(_m("This ZIP holds more than a rule pack can."))
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or ":" in path:
            raise BadPack(_m("This ZIP names files outside itself: %(path)s"), path=path[:100])


def _root(path: str, data: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root: Any = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BadPack(
            _m("%(path)s is not XML: %(error)s"), path=path, error=str(error)[:200]
        ) from error
    if root.getroottree().docinfo.doctype:
        raise BadPack(_m("A rule set must not declare a document type."))
    return root


def _pack(path: str, data: bytes, version: str, levels: dict[str, dict[str, str]]) -> Any:
    root = _root(path, data)
    source: str = etree.tostring(root.getroottree(), encoding="unicode")
    if path.lower().endswith(".sch"):
        name = _name(source, set(re.findall(r'\bid="([A-Z][\w.-]+)"', source)))
        if name is None:
            return None
        try:
            text = schematron.compiled(root)
        except schematron.NotCompilable:
            # Of KoSIT the compiled file lies beside it; without one nothing is found.
            return None
    else:
        text = source
        if _SVRL not in text or _NEEDS_MORE.search(text):
            return None
        name = _name(text, set(_RULE.findall(text)))
    if name is None:
        return None
    return FoundPack(
        name=name, version=version or _version(source, path), text=text,
        rules=len(set(_RULE.findall(text))), source=path,
        levels=levels.get(path.rpartition("/")[2], {}),
    )  # fmt: skip


def _name(text: str, rules: set[str]) -> str | None:
    """By what the rules are called, and by what they look at."""
    if any(rule.startswith(_OF_OTHERS) for rule in rules):
        return None
    form = "cii" if "CrossIndustryInvoice:100" in text else "ubl"
    if any(rule.startswith("BR-DE-") for rule in rules):
        return f"kosit-xrechnung-{form}"
    if "PEPPOL-EN16931-R004" in rules:
        return f"peppol-{form}" if f"peppol-{form}" in INSTALLABLE else None
    if {"BR-01", "BR-CO-10", "BR-S-08"} <= rules and form == "cii":
        return "cen-cii"
    return None


def _version(text: str, path: str) -> str:
    for pattern in _VERSIONS:
        if found := pattern.search(text):
            return " / XRechnung ".join(part.rstrip(".") for part in found.groups())
    raise BadPack(
        _m("%(path)s doesn't say its version. Please give it: --version NUMBER"), path=path
    )


def _levels(files: dict[str, bytes]) -> dict[str, dict[str, str]]:
    """KoSIT softens single rules; by the file that they are of, the first scenario's word counts."""
    found: dict[str, dict[str, str]] = {}
    for path, data in files.items():
        if not path.endswith("scenarios.xml"):
            continue
        for scenario in _root(path, data).iterfind(f"{_SCENARIOS}scenario"):
            softened = {
                rule: node.get("level", "")
                for node in scenario.iter(f"{_SCENARIOS}customLevel")
                for rule in (node.text or "").split()
            }
            for node in scenario.iter(f"{_SCENARIOS}location"):
                found.setdefault((node.text or "").strip().rpartition("/")[2], softened)
    return found
