"""What an entry carries besides its text, kept so that a filtered feed can carry it on: enclosures, categories,
and the elements of podcast and media extensions.

An element is kept as `[name, attributes, text, children]`, its name with the prefix of NAMESPACES. To be called in
the sandbox: what comes in is not to be trusted. A feed that cannot be read again this way carries nothing on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from feedguard.feeds.clean import clean_line, clean_text

NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
    "googleplay": "http://www.google.com/schemas/play-podcasts/1.0",
    "yt": "http://www.youtube.com/xml/schemas/2015",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "georss": "http://www.georss.org/georss",
}
_WAYS_TO_WRITE = {
    "http://search.yahoo.com/mrss": "media",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    **{uri.lower().rstrip("/"): prefix for prefix, uri in NAMESPACES.items()},
}
NOT_CARRIED = {"itunes:new-feed-url", "podcast:guid", "podcast:locked"}
"""They would lead a reader from the filtered feed back to the whole one."""
ADDRESSES = {"url", "href", "src"}
MAX_ELEMENTS = 60
MAX_DEPTH = 4
MAX_VALUE = 4_000
MAX_BYTES = 32 * 1024
Element = list[Any]


@dataclass
class Originals:
    """Extras of the feed itself, and of its entries by id and by link."""

    feed: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, external_id: str, url: str) -> dict[str, Any]:
        return self.entries.get(external_id) or self.entries.get(url) or {}


def read_originals(body: bytes, base: str) -> Originals:
    """Read RSS, RDF or Atom once more for what its text form leaves out."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    found = Originals()
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return found
    if root is None:
        return found
    for node in root.iter(etree.Element):
        local = etree.QName(node).localname
        if local in {"channel", "feed"} and not found.feed:
            found.feed = _extras(node, base)
            if image := node.findtext("image/url"):
                found.feed["image"] = _http(urljoin(base, image.strip()))
        elif local in {"item", "entry"}:
            _remember(found, node, base)
    return found


def _remember(found: Originals, node: etree._Element, base: str) -> None:
    extras = _extras(node, base)
    identifier = _text_of(node, "guid") or _text_of(node, "id") or _attribute(node, "about")
    guid = next((child for child in _children(node) if etree.QName(child).localname == "guid"), None)
    if guid is not None and identifier.startswith("http"):
        extras["permalink"] = (guid.get("isPermaLink") or "true").strip().lower() != "false"
    for key in (clean_text(identifier), urljoin(base, _text_of(node, "link"))):
        if key and extras:
            found.entries.setdefault(key, extras)


def _extras(node: etree._Element, base: str) -> dict[str, Any]:
    enclosures, categories, elements = [], [], []
    for child in _children(node):
        name = etree.QName(child)
        if name.localname == "enclosure" or (name.localname == "link" and child.get("rel") == "enclosure"):
            enclosures.append(_enclosure(child, base))
        elif name.localname == "category" and _prefix(name.namespace) is None:
            categories.append(_category(child))
        elif (made := _element(child, base)) is not None:
            elements.append(made)
    extras = {
        "enclosures": [e for e in enclosures if e["url"]][:20],
        "categories": [c for c in categories if c["term"]][:30],
        "elements": _bounded(elements[:MAX_ELEMENTS]),
    }
    return {name: value for name, value in extras.items() if value}


def _enclosure(node: etree._Element, base: str) -> dict[str, str]:
    address = _http(urljoin(base, (node.get("url") or node.get("href") or "").strip()))
    length = (node.get("length") or "").strip()
    return {
        "url": address,
        "type": clean_line(node.get("type") or "")[:80],
        "length": length if length.isdigit() and len(length) < 16 else "",
        "title": clean_line(node.get("title") or "")[:300],
    }


def _category(node: etree._Element) -> dict[str, str]:
    return {
        "term": clean_line(node.get("term") or node.text or "")[:200],
        "scheme": clean_text(node.get("scheme") or node.get("domain") or "")[:500],
    }


def _element(node: etree._Element, base: str, depth: int = 0) -> Element | None:
    name = etree.QName(node)
    prefix = _prefix(name.namespace)
    if prefix is None or f"{prefix}:{name.localname}" in NOT_CARRIED or depth > MAX_DEPTH:
        return None
    attributes = {
        str(key): str(value)[:MAX_VALUE] for key, value in node.attrib.items() if not str(key).startswith("{")
    }
    for key in ADDRESSES & attributes.keys():
        attributes[key] = _http(urljoin(base, attributes[key].strip()))
        if not attributes[key]:
            return None
    children = [made for child in _children(node) if (made := _element(child, base, depth + 1)) is not None]
    text = "" if children else clean_text(node.text or "")[:MAX_VALUE]
    return [f"{prefix}:{name.localname}", attributes, text, children[:MAX_ELEMENTS]]


def _bounded(elements: list[Element]) -> list[Element]:
    """As many of the elements, in order, as stay within MAX_BYTES."""
    kept, size = [], 0
    for element in elements:
        size += len(json.dumps(element))
        if size > MAX_BYTES:
            break
        kept.append(element)
    return kept


def _prefix(namespace: str | None) -> str | None:
    return _WAYS_TO_WRITE.get((namespace or "").lower().rstrip("/"))


def _children(node: etree._Element) -> list[etree._Element]:
    return [child for child in node if isinstance(child.tag, str)]


def _text_of(node: etree._Element, local: str) -> str:
    for child in _children(node):
        if etree.QName(child).localname == local and _prefix(etree.QName(child).namespace) is None:
            return (
                child.text or (child.get("href") if child.get("rel", "alternate") == "alternate" else "") or ""
            ).strip()
    return ""


def _attribute(node: etree._Element, local: str) -> str:
    return next((str(v) for k, v in node.attrib.items() if etree.QName(str(k)).localname == local), "")


def _http(url: str) -> str:
    return url if url.startswith(("http://", "https://")) and len(url) <= 2000 else ""
