"""The whole article behind an item, by trafilatura."""

from __future__ import annotations

import trafilatura

from feedguard.feeds.clean import clean_html, html_to_text

MAX_TEXT = 64 * 1024


def extract_article(body: bytes, url: str) -> tuple[str, str] | None:
    """(safe HTML, text) of a page's main article; None where there is none. For the sandbox."""
    found = trafilatura.extract(body, url=url, output_format="html", include_comments=False, include_images=False)
    if not found:
        return None
    return clean_html(found), html_to_text(found)[:MAX_TEXT]
