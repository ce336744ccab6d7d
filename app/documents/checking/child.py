"""The process that reads files of strangers and runs rule sets over them, one request after the
other: `python -m app.documents.checking.child MEMORY_MB IDLE_SECONDS`. It ends when its parent
closes the pipe or asks nothing for a while; killed at any moment, it leaves nothing behind.

A request is a line of JSON, then the file's bytes; the answer is a line of JSON."""

import json
import os
import re
import resource
import signal
import sys
from dataclasses import asdict
from typing import IO, Any

from lxml import etree

from app.documents.checking import svrl
from app.documents.checking.slip import Finding

_NAMESPACE = "{[^{}]*}"
_GUIDELINES = (
    "{*}ExchangedDocumentContext/{*}GuidelineSpecifiedDocumentContextParameter/{*}ID",
    "{*}CustomizationID",
)
_CODES = "coulisse-codes"


class Rules:
    """Compiled once for each process."""

    def __init__(self) -> None:
        self._schemas: dict[str, Any] = {}
        self._sheets: dict[str, tuple[Any, Any]] = {}
        self._processor: Any = None

    def schema(self, path: str) -> Any:
        if path not in self._schemas:
            self._schemas[path] = etree.XMLSchema(file=path)
        return self._schemas[path]

    @property
    def processor(self) -> Any:
        if self._processor is None:
            import saxonche

            self._processor = saxonche.PySaxonProcessor(license=False)
            # Neither a rule nor a file makes it read, write or fetch anything.
            feature = "http://saxon.sf.net/feature/"
            self._processor.set_configuration_property(f"{feature}allowedProtocols", "")
            self._processor.set_configuration_property(f"{feature}allow-external-functions", "off")
        return self._processor

    def sheet(self, pack: dict[str, Any]) -> Any:
        key = pack["sha256"]
        if key not in self._sheets:
            text = pack["text"] or _text(pack["path"])
            codes = None
            if pack["codes"]:
                text = _with_codes(text, pack["codes"])
                codes = self.processor.parse_xml(xml_text=_text(pack["codes"]), encoding="utf-8")
            compiler = self.processor.new_xslt30_processor()
            made = compiler.compile_stylesheet(stylesheet_text=_undeclared(text), encoding="utf-8")
            self._sheets[key] = (made, codes)
        made, codes = self._sheets[key]
        ready = made.clone()
        if codes is not None:
            ready.set_parameter(_CODES, codes)
        return ready


def _text(path: str) -> str:
    root = etree.parse(path, _parser())
    text: str = etree.tostring(root, encoding="unicode")
    return text


def _undeclared(text: str) -> str:
    """Text is in no encoding any more, whatever its declaration says."""
    return text.partition("?>")[2] if text.lstrip().startswith("<?xml ") else text


def _with_codes(text: str, path: str) -> str:
    """Code lists lie in a file beside the rules; they are handed over instead of being opened."""
    name = os.path.basename(path)
    begin, mark, rest = text.partition("<xsl:param ")
    return (
        f'{begin}<xsl:param name="{_CODES}"/>{mark}{rest}'
        .replace(f"document('{name}')", f"${_CODES}")
        .replace(f'document(&quot;{name}&quot;)', f"${_CODES}")
    )  # fmt: skip


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        remove_comments=False,
    )  # fmt: skip


def check(rules: Rules, request: dict[str, Any], content: bytes) -> dict[str, Any]:
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        return _failed([Finding("FILE-XML", "fatal", str(error)[:300], line=error.lineno)])
    if (wrong := _wrong_profile(request, root)) is not None:
        return _failed([wrong])
    if request["kind"] == "xsd":
        return _failed(_against_schema(rules, request, root))
    return _against_rules(rules, request, root)


def _wrong_profile(request: dict[str, Any], root: Any) -> Finding | None:
    allowed = request["profiles"]
    if not allowed:
        return None
    node = next((n for path in _GUIDELINES if (n := root.find(path)) is not None), None)
    said = (node.text or "").strip() if node is not None else ""
    if said in allowed or (request["derived"] and said.startswith(f"{allowed[0]}#compliant#")):
        return None
    return Finding(
        "FILE-PROFILE", "fatal", said[:200], term="BT-24",
        line=node.sourceline if node is not None else None,
    )  # fmt: skip


def _against_schema(rules: Rules, request: dict[str, Any], root: Any) -> list[Finding]:
    schema = rules.schema(request["path"])
    if schema.validate(root):
        return []
    found = []
    for error in schema.error_log:
        text = re.sub(_NAMESPACE, "", error.message)
        element = re.search(r"Element '([\w.-]+)'", text)
        found.append(
            Finding(
                "XSD", "fatal", text[:1000], place=element[1] if element else "", line=error.line
            )
        )
    return found or [Finding("XSD", "fatal", "")]


def _against_rules(rules: Rules, request: dict[str, Any], root: Any) -> dict[str, Any]:
    sheet = rules.sheet(request)
    source = rules.processor.parse_xml(
        xml_text=etree.tostring(root, encoding="unicode"), encoding="utf-8"
    )
    said = sheet.transform_to_string(xdm_node=source)
    if not said:
        raise RuntimeError("no report")
    report = etree.fromstring(_undeclared(said).encode(), _parser())
    if not svrl.rules_looked(report):
        return _failed([Finding("FILE-FORM", "fatal", "")])
    return _failed(svrl.findings(report, root, dict(request["levels"])))


def _failed(found: list[Finding]) -> dict[str, Any]:
    # Fatal ones first, so that none is lost among warnings.
    kept = sorted(found, key=lambda one: ("fatal", "warning", "info").index(one.severity))
    return {
        "outcome": "failed" if any(one.severity == "fatal" for one in found) else "passed",
        "findings": [asdict(one) for one in kept[: svrl.MOST]],
        "left_out": max(0, len(found) - svrl.MOST),
    }


def serve(requests: IO[bytes], answers: IO[bytes], idle: int) -> None:
    rules = Rules()
    while True:
        signal.alarm(idle)
        line = requests.readline()
        signal.alarm(0)
        if not line:
            return
        request = json.loads(line)
        content = requests.read(request["length"])
        try:
            answer = check(rules, request, content)
        except MemoryError:
            os._exit(137)
        except Exception as error:  # noqa: BLE001 - a rule set that stops is one that didn't run
            answer = {"outcome": "not_run", "reason": "broken", "detail": str(error)[:500]}
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def main() -> None:
    memory = int(sys.argv[1]) * 1024 * 1024
    # The address space can't be limited: the engine reserves far more than it ever uses. A worker's
    # own limit holds for its children too, and can't be raised.
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    memory = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # What native code prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, int(sys.argv[2]))


if __name__ == "__main__":
    main()
