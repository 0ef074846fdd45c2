"""Making what a feed says safe: HTML through a sanitiser, text without characters that mislead."""

from __future__ import annotations

import html as html_entities
import re

import nh3

TAGS = {
    "a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "dl", "dt", "em", "figcaption", "figure", "h2",
    "h3", "h4", "h5", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "strong", "sub", "sup",
    "table", "tbody", "td", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
"""No pictures: they are shown only from our own re-encoded copy."""
_MEDIA = {
    "audio": {"src", "controls"},
    "iframe": {"src", "width", "height", "title", "allowfullscreen"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "source": {"src", "type"},
    "video": {"src", "poster", "controls", "width", "height"},
}
_BLOCKS = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|blockquote|tr|table|figure|section|article|hr|pre)\b[^>]*>", re.I)
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
_JOINER = re.compile("(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d(?![\u2600-\u27bf\U0001f000-\U0001faff])")


def clean_html(raw: str) -> str:
    """Sanitised HTML: a few tags, links to http(s) only."""
    return nh3.clean(
        raw,
        tags=TAGS,
        clean_content_tags={"script", "style", "template"},
        attributes={"a": {"href"}, "abbr": {"title"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )


def clean_html_with_media(raw: str) -> str:
    """Like clean_html, with pictures, sound and film where they stand. Never for our own pages: a filtered feed
    carries it on to the person's reader, which the original feed would have reached anyway."""
    return nh3.clean(
        raw,
        tags=TAGS | set(_MEDIA),
        clean_content_tags={"script", "style", "template"},
        attributes={"a": {"href"}, "abbr": {"title"}, **_MEDIA},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
    )


def html_to_text(raw: str) -> str:
    """Plain text; blocks become lines."""
    lines = _BLOCKS.sub("\n", nh3.clean(raw, tags=TAGS | {"div"}, clean_content_tags={"script", "style", "template"}))
    text = html_entities.unescape(nh3.clean(lines, tags=set()))
    return clean_text(text)


def clean_text(raw: str) -> str:
    """Text without control, bidirectional and zero-width characters, with single spaces in its lines."""
    text = _JOINER.sub("", _HIDDEN.sub("", raw.replace("\r", "\n").replace("\t", " ")))
    lines = (re.sub(r"[ \u00a0]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{2,}", "\n", "\n".join(lines)).strip()


def clean_line(raw: str) -> str:
    """One line of clean text from what may hold markup (titles, names)."""
    text = html_to_text(raw) if "<" in raw or "&" in raw else clean_text(raw)
    return text.replace("\n", " ").strip()
