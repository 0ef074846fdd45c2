"""OPML in and out, folders kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from feedguard.feeds.clean import clean_line

MAX_FEEDS = 2_000


class OpmlRefused(Exception):
    """The file cannot be read as OPML; the message says why."""

    permanent = True


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    url: str
    title: str
    folder: str


@dataclass(frozen=True, slots=True)
class OpmlResult:
    """Feeds in the file's order; `problems` name the lines that were passed over."""

    feeds: tuple[OpmlFeed, ...]
    problems: tuple[str, ...]


def read_opml(body: bytes) -> OpmlResult:
    """Read an OPML file; broken lines are named and passed over. Raises OpmlRefused. For the sandbox."""
    if b"<!DOCTYPE" in body[:5000].upper() or b"<!ENTITY" in body.upper():
        raise OpmlRefused("This file declares a document type, which is not opened. Export it again as plain OPML.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise OpmlRefused("This is no OPML file. Export your feeds as OPML from your feed reader and give that file.")
    problems = [f"Line {error.line}: {error.message}" for error in list(parser.error_log)[:20]]
    feeds: dict[str, OpmlFeed] = {}
    for outline in root.iter("outline"):
        _read_outline(outline, feeds, problems)
    if len(feeds) > MAX_FEEDS:
        raise OpmlRefused(f"This file lists {len(feeds):,} feeds; {MAX_FEEDS:,} at a time is the most. Split it.")
    if not feeds and not problems:
        raise OpmlRefused("This OPML file lists no feeds.")
    return OpmlResult(tuple(feeds.values()), tuple(problems))


def _read_outline(outline: etree._Element, feeds: dict[str, OpmlFeed], problems: list[str]) -> None:
    values = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
    url = values.get("xmlurl", "").strip()
    title = clean_line(values.get("title") or values.get("text") or "")[:300]
    line = outline.sourceline
    if not url:
        if not len(outline) and (values.get("type", "") == "rss" or "htmlurl" in values):
            problems.append(f"Line {line}: “{title or 'an entry'}” has no xmlUrl.")
        return
    if not url.startswith(("http://", "https://")) or len(url) > 2000:
        problems.append(f"Line {line}: “{title or url[:60]}” has an address that is not http or https.")
    elif url in feeds:
        problems.append(f"Line {line}: “{title or url[:60]}” stands there twice.")
    else:
        feeds[url] = OpmlFeed(url, title, _folder(outline))


def _folder(outline: etree._Element) -> str:
    names = []
    for parent in outline.iterancestors("outline"):
        name = clean_line(parent.get("title") or parent.get("text") or "")
        if name:
            names.append(name)
    return " / ".join(reversed(names))[:200]


def write_opml(feeds: Iterable[OpmlFeed], title: str) -> bytes:
    """An OPML 2.0 file; "A / B" becomes nested outlines."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    for feed in feeds:
        path: tuple[str, ...] = ()
        for name in filter(None, feed.folder.split(" / ")):
            parent, path = folders[path], (*path, name)
            if path not in folders:
                folders[path] = etree.SubElement(parent, "outline", text=name, title=name)
        name = feed.title or feed.url
        etree.SubElement(folders[path], "outline", type="rss", text=name, title=name, xmlUrl=feed.url)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
