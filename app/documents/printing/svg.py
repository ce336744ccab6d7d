"""An SVG that is shapes and nothing else: no scripts, texts, pictures, links or entities."""

import re
from typing import TYPE_CHECKING, Any

from tenants.core.later import Later

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = Later("lxml.etree")

LARGEST_DRAWN = 400 * 1024
_SVG = "{http://www.w3.org/2000/svg}"
_SHAPES = frozenset(
    {
        "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs",
        "linearGradient", "radialGradient", "stop", "clipPath", "mask", "use", "symbol", "title",
        "desc", "style",
    }
)  # fmt: skip
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_LEADS_OUT = re.compile(r"url\s*\(\s*['\"]?(?!#)|@import|expression|javascript:|\\", re.IGNORECASE)


class PictureRefused(Exception):
    """Its text is the reason's code."""


def plain_shapes(content: bytes) -> bytes:
    if b"<!ENTITY" in content:
        raise PictureRefused("script")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True, huge_tree=False,
    )  # fmt: skip
    root = etree.fromstring(content, parser)
    if root.tag != f"{_SVG}svg":
        raise PictureRefused("format")
    for element in list(root.iter()):
        if _is_an_editors(element):
            element.getparent().remove(element)
        elif not _is_plain(element):
            raise PictureRefused("script")
    drawn: bytes = etree.tostring(root, encoding="utf-8")
    if len(drawn) > LARGEST_DRAWN:
        raise PictureRefused("complicated")
    return drawn


def _is_an_editors(element: Any) -> bool:
    """What a drawing program keeps for itself isn't printed."""
    tag = element.tag
    if element.getparent() is None or not isinstance(tag, str):
        return False
    return not tag.startswith(_SVG) or tag == f"{_SVG}metadata"


def _is_plain(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag.removeprefix(_SVG) not in _SHAPES:
        return False
    if _LEADS_OUT.search(element.text or ""):
        return False
    return all(_is_harmless(name, value) for name, value in element.attrib.items())


def _is_harmless(name: str, value: str) -> bool:
    if name.lower().startswith("on") or _LEADS_OUT.search(value):
        return False
    return name not in _HREFS or value.startswith("#")
