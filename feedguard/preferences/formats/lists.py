"""Lists: plain words, BlockTube's export, and rules in uBlock's form that are about words or hosts."""

from __future__ import annotations

import json
import re
from typing import Any

from feedguard.preferences.formats.rules import FormatRefused, Taken, lines_of, words

_COMMENT = re.compile(r"(?:#\s|//|#$)")
_EXPRESSION = re.compile(r"^/(?P<x>.+)/(?P<flags>[a-z]*)$")
_HOSTS_LINE = re.compile(r"^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(?P<host>[\w.-]+)$")
_HOST = re.compile(r"^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+$", re.IGNORECASE)
_NETWORK = re.compile(
    r"^\|\|(?P<host>[\w.-]+\.[a-z0-9-]+)(?P<path>/[^$^*|]*)?(?:\^|\*|\|)*(?:\$(?P<options>.+))?$", re.IGNORECASE
)
_HAS_TEXT = re.compile(r"^(?P<sites>[^#]*)#\??#.*:(?:has-text|contains|-abp-contains)\((?P<x>.*?)\)+[^)]*$")
_WHOLE_PAGE = {"document", "doc", "all", "popup", "important"}
_SERVICES = {
    "youtube.com": "youtube", "reddit.com": "reddit", "facebook.com": "facebook", "instagram.com": "instagram",
    "tiktok.com": "tiktok", "twitter.com": "twitter", "x.com": "twitter", "linkedin.com": "linkedin", "bsky.app": "bluesky",
    "news.ycombinator.com": "hackernews",
}  # fmt: skip


def read_words(text: str) -> Taken:
    """One word or phrase a line; `# ` and `//` begin a comment, `#word` is a tag."""
    taken = Taken()
    for line in lines_of(text):
        if not _COMMENT.match(line):
            kind, value = words(line)
            taken.add(kind, value, line, source="word list")
    return taken


def looks_like_blocktube(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("filterData"), dict)


def read_blocktube(value: Any) -> Taken:
    """BlockTube's export: titles, channel names, comments and descriptions. Its JavaScript is never run."""
    if not looks_like_blocktube(value):
        raise FormatRefused("This is no export of BlockTube: filterData is missing.", field="filterData")
    taken = Taken()
    for name, rows in value["filterData"].items():
        if name == "javascript":
            if rows:
                taken.pass_over("javascript", "programs are not taken over")
        elif name in {"title", "description", "comment", "channelName"}:
            _blocktube_rows(taken, name, rows)
        elif rows and any(row not in ("", None) for row in (rows if isinstance(rows, list) else [rows])):
            taken.pass_over(name, "FeedGuard has no rule of this kind for YouTube")
    return taken


def _blocktube_rows(taken: Taken, name: str, rows: Any) -> None:
    if isinstance(rows, str):
        rows = rows.splitlines()
    if not isinstance(rows, list):
        raise FormatRefused(f"BlockTube, filterData.{name}: a list is needed.", field=f"filterData.{name}")
    where: dict[str, Any] = {"source": f"BlockTube, {name}", "services": ("youtube",)}
    if name == "comment":
        where["surfaces"] = ("replies",)
    for row in rows:
        text = f"/{row[0]}/{row[1]}" if isinstance(row, list) and len(row) == 2 else row
        if not isinstance(text, str):
            raise FormatRefused(f"BlockTube, filterData.{name}: texts are needed.", field=f"filterData.{name}")
        text = text.strip()
        if not text or text.startswith("//"):
            continue
        if (match := _EXPRESSION.match(text)) is not None:
            taken.add("regex", match["x"], text, **where)
        elif name == "channelName":
            taken.add("author", text, text, **where)
        else:
            kind, value = words(text)
            taken.add(kind, value, text, **where)


def looks_like_ublock(text: str) -> bool:
    return any(re.match(r"(?:\|\||@@|!|\[Adblock)|\S*##", line) for line in lines_of(text))


def read_ublock(text: str) -> Taken:
    """Hosts (`||host^`, host lists), paths under a host, and texts (`site##…:has-text(…)`); all else is passed over."""
    taken = Taken()
    for line in lines_of(text):
        if line.startswith(("!", "[")) or (line.startswith("#") and not line.startswith(("##", "#?#", "#@#"))):
            continue
        if line.startswith("@@") or "#@#" in line:
            taken.pass_over(line, "exceptions are not taken over; add a guard for what is never to be hidden")
        elif (match := _HOSTS_LINE.match(line)) is not None:
            taken.add("link_host", match["host"], line, source="host list")
        elif (match := _NETWORK.match(line)) is not None:
            _network(taken, line, match)
        elif (match := _HAS_TEXT.match(line)) is not None:
            _has_text(taken, line, match)
        elif _HOST.match(line):
            taken.add("link_host", line, line, source="host list")
        else:
            why = (
                "it hides a part of a page"
                if "##" in line or "#?#" in line
                else "it is about requests, not about items"
            )
            taken.pass_over(line, why)
    return taken


def _network(taken: Taken, line: str, match: re.Match[str]) -> None:
    options = set((match["options"] or "").split(",")) - {""}
    if options - _WHOLE_PAGE:
        taken.pass_over(line, "it is about requests of a page, not about items")
    elif match["path"] and match["path"] != "/":
        taken.add("link_path", f"{match['host']}{match['path']}", line, source="uBlock")
    else:
        taken.add("link_host", match["host"], line, source="uBlock")


def _has_text(taken: Taken, line: str, match: re.Match[str]) -> None:
    sites = [site.removeprefix("www.").removeprefix("m.") for site in match["sites"].split(",") if site]
    unknown = [site for site in sites if site not in _SERVICES]
    if unknown:
        taken.pass_over(line, f"it holds for {unknown[0]} only, and a rule cannot be limited to that")
        return
    services = tuple(sorted({_SERVICES[site] for site in sites}))
    expression = _EXPRESSION.match(match["x"])
    if expression is not None:
        taken.add("regex", expression["x"], line, source="uBlock", services=services)
    else:
        kind, value = words(match["x"].strip("\"'"), whole=False)
        taken.add(kind, value, line, source="uBlock", services=services)


def as_json(text: str) -> Any:
    """The JSON that a text is, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
