"""Filtered feeds as RSS 2.0 and as Atom (RFC 4287).

Written with lxml: feedgen can hold neither the elements of other namespaces as they came nor a feed's source.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from collections.abc import Iterable
from typing import Any

from django.utils.encoding import iri_to_uri
from lxml import etree

from feedguard.feeds.originals import NAMESPACES
from feedguard.readers.channel import Channel
from feedguard.readers.line import Line

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
GENERATOR = "FeedGuard"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def write_rss(channel: Channel, lines: Iterable[Line]) -> bytes:
    """RSS 2.0, with Atom's self link, as the RSS Advisory Board's profile recommends."""
    kept = list(lines)
    root = etree.Element("rss", {"version": "2.0"}, nsmap=_namespaces(channel, kept, {"atom": ATOM, "dc": DC}))
    head = etree.SubElement(root, "channel")
    _add(head, "title", channel.title)
    _add(head, "link", iri_to_uri(channel.site_url))
    _add(head, "description", channel.description)
    etree.SubElement(head, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=channel.self_url)
    if _LANGUAGE.fullmatch(channel.language):
        _add(head, "language", channel.language)
    _add(head, "lastBuildDate", _rfc822(channel.updated))
    _add(head, "generator", GENERATOR)
    _carry(head, channel.elements)
    for line in kept:
        _rss_item(etree.SubElement(head, "item"), line, combined=channel.combined)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _rss_item(item: etree._Element, line: Line, *, combined: bool) -> None:
    title = _plain(line.title)
    if title or not line.html:
        _add(item, "title", title or line.url or line.id)
    if line.url:
        _add(item, "link", iri_to_uri(line.url))
    if line.html:
        _add(item, "description", line.html)
    guid = _add(item, "guid", line.id)
    guid.set("isPermaLink", "true" if line.permalink else "false")
    _add(item, "pubDate", _rfc822(line.published))
    if line.author:
        _add(item, f"{{{DC}}}creator", line.author)
    for category in line.categories:
        _add(item, "category", category)
    for enclosure in line.enclosures:
        etree.SubElement(
            item, "enclosure", url=iri_to_uri(_plain(enclosure["url"])), length=enclosure["length"] or "0",
            type=_plain(enclosure["type"]) or "application/octet-stream",
        )  # fmt: skip
    if combined and line.source_url:
        _add(item, "source", line.source_title).set("url", line.source_url)
    _carry(item, line.elements)


def write_atom(channel: Channel, lines: Iterable[Line]) -> bytes:
    """Atom 1.0."""
    kept = list(lines)
    spaces = {None: ATOM, **_namespaces(channel, kept, {})}
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=spaces)
    if _LANGUAGE.fullmatch(channel.language):
        root.set("{http://www.w3.org/XML/1998/namespace}lang", channel.language)
    _atom(root, "title", channel.title)
    _atom(root, "subtitle", channel.description)
    _atom(root, "id", channel.id)
    _atom(root, "updated", _rfc3339(channel.updated))
    etree.SubElement(root, f"{{{ATOM}}}link", rel="self", type="application/atom+xml", href=channel.self_url)
    etree.SubElement(root, f"{{{ATOM}}}link", rel="alternate", type="text/html", href=iri_to_uri(channel.site_url))
    _atom(root, "generator", GENERATOR)
    _atom(_atom(root, "author", ""), "name", channel.title)
    _carry(root, channel.elements)
    for line in kept:
        _atom_entry(_atom(root, "entry", ""), line, combined=channel.combined)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _atom_entry(entry: etree._Element, line: Line, *, combined: bool) -> None:
    _atom(entry, "title", line.title)
    _atom(entry, "id", line.iri)
    _atom(entry, "updated", _rfc3339(line.updated))
    _atom(entry, "published", _rfc3339(line.published))
    if line.url:
        etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=iri_to_uri(line.url))
    if line.author:
        _atom(_atom(entry, "author", ""), "name", line.author)
    for category in line.categories:
        etree.SubElement(entry, f"{{{ATOM}}}category", term=_plain(category))
    _atom(entry, "content", line.html).set("type", "html")
    for enclosure in line.enclosures:
        link = etree.SubElement(entry, f"{{{ATOM}}}link", rel="enclosure", href=iri_to_uri(_plain(enclosure["url"])))
        for name in ("type", "length", "title"):
            if enclosure[name]:
                link.set(name, _plain(enclosure[name]))
    if combined and line.source_url:
        source = _atom(entry, "source", "")
        _atom(source, "id", line.source_url)
        _atom(source, "title", line.source_title)
        _atom(source, "updated", _rfc3339(line.updated))
    _carry(entry, line.elements)


def _add(parent: etree._Element, tag: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, tag)
    child.text = _plain(text)
    return child


def _atom(parent: etree._Element, tag: str, text: str) -> etree._Element:
    return _add(parent, f"{{{ATOM}}}{tag}", text)


def _carry(parent: etree._Element, elements: Iterable[Any]) -> None:
    """Write kept elements as they came (see feeds/originals.py)."""
    for name, attributes, text, children in elements:
        prefix, _, local = name.partition(":")
        made = _add(parent, f"{{{NAMESPACES[prefix]}}}{local}", text)
        for key, value in attributes.items():
            made.set(key, _plain(value))
        _carry(made, children)


def _namespaces(channel: Channel, lines: Iterable[Line], more: dict[str, str]) -> dict[Any, str]:
    """Only what is used is declared."""
    elements = [*channel.elements, *(element for line in lines for element in line.elements)]
    used = {name.partition(":")[0] for name in _names(elements)}
    return {**more, **{prefix: NAMESPACES[prefix] for prefix in sorted(used)}}


def _names(elements: Iterable[Any]) -> Iterable[str]:
    for name, _, _, children in elements:
        yield name
        yield from _names(children)


def _plain(text: str) -> str:
    """Without the characters that XML 1.0 does not allow."""
    return _NOT_XML.sub("", text)


def _rfc822(when: dt.datetime) -> str:
    return email.utils.format_datetime(when.astimezone(dt.UTC), usegmt=True)


def _rfc3339(when: dt.datetime) -> str:
    return when.astimezone(dt.UTC).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
