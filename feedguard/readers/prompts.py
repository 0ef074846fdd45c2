"""Reading the article out of a classification prompt, and wording the answer.

FreshRSS's “LLM Classification” extension fills a template that the person can edit; its default has one labelled
line for each of title, author, date, URL, feed and tags, then the content. A prompt in another form is taken whole as
the text, its first line as the title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_LABELS = {
    "title": "title", "titre": "title", "author": "author", "auteur": "author", "url": "url", "feed": "feed",
    "flux": "feed", "content": "content", "contenu": "content", "date": "", "existing tags": "", "tags existantes": "",
}  # fmt: skip
_LINE = re.compile(r"\s*([A-Za-z ]{3,16}?)\s*:\s*(.*)")
_FEED = re.compile(r"(.*?)\s*\((https?://[^\s()]*)\)\s*")


@dataclass(frozen=True)
class Article:
    """What a prompt says of an article; what it does not say is empty."""

    title: str = ""
    author: str = ""
    url: str = ""
    feed: str = ""
    feed_url: str = ""
    text: str = ""


def read_prompt(prompt: str) -> Article:
    """The article in a prompt. Labels count up to the content; nothing in the content is taken for one."""
    found: dict[str, str] = {}
    lines = prompt.splitlines()
    for position, line in enumerate(lines):
        match = _LINE.fullmatch(line)
        name = _LABELS.get(match[1].lower()) if match else None
        if match is None or name is None:
            continue
        if name == "content":
            found["text"] = "\n".join([match[2], *lines[position + 1 :]]).strip()
            break
        if name:
            found.setdefault(name, match[2].strip())
    if "text" not in found and "title" not in found:
        first, _, rest = prompt.strip().partition("\n")
        return Article(title=first.strip()[:1000], text=rest.strip())
    feed = _FEED.fullmatch(found.pop("feed", ""))
    return Article(feed=feed[1] if feed else "", feed_url=feed[2] if feed else "", **found)


def word_answer(tags: Sequence[str], *, as_json: bool) -> str:
    """The answer's text: the JSON object that the extension asks for, or tags parted by commas."""
    return json.dumps({"tags": list(tags)}, ensure_ascii=False) if as_json else ", ".join(tags)
