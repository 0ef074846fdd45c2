"""Finding the feeds that belong to an address a person gives."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from lxml import html

from feedguard.feeds.clean import clean_line
from feedguard.feeds.parsed import FoundFeed

MAX_FOUND = 20
_TYPES = {
    "application/rss+xml": "RSS", "application/atom+xml": "Atom", "application/feed+json": "JSON Feed",
    "application/json": "JSON Feed", "application/rdf+xml": "RDF", "text/xml": "RSS",
}  # fmt: skip
_LINK = re.compile(
    r"(?:/feed/?|/rss/?|/atom/?|\.rss|\.atom|/(?:rss|atom|feed|index)\.xml|/feed\.json)(?:$|\?)", re.IGNORECASE
)


def known_feed_addresses(url: str) -> tuple[FoundFeed, ...]:
    """Feeds that sites of a known form have, told from the address alone."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("old.")
    path = parts.path.rstrip("/")
    if path.endswith((".rss", ".atom", ".xml", ".json")) or path.endswith("/rss"):
        return ()
    if host == "youtube.com":
        return _youtube(path, parts.query)
    if host == "reddit.com" and re.fullmatch(r"/(?:r|u|user)/[\w-]+(?:/.*)?", path):
        return (FoundFeed(f"https://www.reddit.com{path}/.rss", path.strip("/"), "Atom"),)
    if host == "bsky.app" and re.fullmatch(r"/profile/[\w.:-]+", path):
        return (FoundFeed(f"https://bsky.app{path}/rss", path.rpartition("/")[2], "RSS"),)
    if host == "github.com" and re.fullmatch(r"/[\w.-]+/[\w.-]+/releases", path):
        return (FoundFeed(f"https://github.com{path}.atom", f"{path.strip('/')}", "Atom"),)
    if re.fullmatch(r"/@[\w.]+", path) and host not in {"medium.com", "tiktok.com", "threads.net", "substack.com"}:
        return (FoundFeed(f"{parts.scheme}://{parts.netloc}{path}.rss", path.strip("/"), "RSS"),)
    return ()


def _youtube(path: str, query: str) -> tuple[FoundFeed, ...]:
    base = "https://www.youtube.com/feeds/videos.xml"
    if match := re.fullmatch(r"/channel/(UC[\w-]{10,40})(?:/.*)?", path):
        return (FoundFeed(f"{base}?channel_id={match[1]}", "YouTube channel", "Atom"),)
    if match := re.fullmatch(r"/user/([\w-]+)", path):
        return (FoundFeed(f"{base}?user={match[1]}", "YouTube user", "Atom"),)
    if path == "/playlist" and (match := re.search(r"\blist=([\w-]+)", query)):
        return (FoundFeed(f"{base}?playlist_id={match[1]}", "YouTube playlist", "Atom"),)
    return ()


def discover(body: bytes, content_type: str, url: str) -> tuple[FoundFeed, ...]:
    """The feeds that a page names: by its head, by a channel's mark, else by links that look like one."""
    if not body.strip() or b"<" not in body[:5000]:
        return ()
    try:
        page = html.document_fromstring(body[:3_000_000], base_url=url)
    except (html.etree.ParserError, ValueError):
        return ()
    found: dict[str, FoundFeed] = {}
    for link in page.iter("link"):
        rel, kind = (link.get("rel") or "").lower().split(), (link.get("type") or "").lower().strip()
        if "alternate" in rel and kind in _TYPES and link.get("href"):
            _add(found, urljoin(url, link.get("href") or ""), link.get("title") or "", _TYPES[kind])
    if (urlsplit(url).hostname or "").endswith("youtube.com") and (
        match := re.search(rb'"?(?:channelId|externalId)"?[:=]"(UC[\w-]{10,40})"', body)
    ):
        _add(
            found, f"https://www.youtube.com/feeds/videos.xml?channel_id={match[1].decode()}", "YouTube channel", "Atom"
        )
    if not found:
        for anchor in page.iter("a"):
            address = urljoin(url, anchor.get("href") or "")
            if _LINK.search(address):
                _add(found, address, anchor.text_content(), "feed")
    return tuple(found.values())[:MAX_FOUND]


def _add(found: dict[str, FoundFeed], address: str, title: str, kind: str) -> None:
    if address.startswith(("http://", "https://")) and len(address) <= 2000:
        found.setdefault(address, FoundFeed(address, clean_line(title)[:200] or address, kind))
