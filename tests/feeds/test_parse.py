"""Feeds as found in the wild are read, or refused with one clear line."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from PIL import Image

from feedguard.feeds.article import extract_article
from feedguard.feeds.clean import clean_html, clean_line, clean_text
from feedguard.feeds.discover import discover, known_feed_addresses
from feedguard.feeds.language import detect_language
from feedguard.feeds.opml import OpmlFeed, OpmlRefused, read_opml, write_opml
from feedguard.feeds.parse import FeedRefused, NotAFeed, parse_feed
from feedguard.feeds.parsed import ParsedFeed
from feedguard.feeds.pictures import PictureRefused, reencode
from feedguard.feeds.sandbox import Sandbox, SandboxCrashed, SandboxTimeout
from tests.feeds import wild
from tests.feeds.wild import rss, rss_item


def read(body: str | bytes, url: str = "https://harbour.example/feed") -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, content_type="", url=url)


@pytest.mark.parametrize(
    ("body", "form", "title", "link"),
    [
        (rss(rss_item(1)), "rss20", "A title", "https://harbour.example/1"),
        (wild.RSS_091, "rss091u", "First", "https://older.example/1"),
        (wild.RDF, "rss10", "One", "https://old.example/1"),
        (wild.ATOM, "atom10", "Rope & tar", "https://quay.example/posts/1"),
        (wild.JSON_FEED, "json1.1", "Seven", "https://harbour.example/7"),
        (wild.JSON_FEED_10, "json1", "", ""),
    ],
)
def test_every_common_format(body: str, form: str, title: str, link: str) -> None:
    feed = read(body)
    assert (feed.format, feed.entries[0].title, feed.entries[0].url) == (form, title, link)


def test_times_are_in_utc_and_never_in_the_future() -> None:
    assert read(rss(rss_item(1))).entries[0].published_at == dt.datetime(2026, 5, 4, 8, tzinfo=dt.UTC)
    future = rss_item(1).replace("2026", "2999")
    assert read(rss(future)).entries[0].published_at <= dt.datetime.now(dt.UTC)  # type: ignore[operator]
    assert read(rss(rss_item(1).replace("Mon, 04 May 2026 10:00:00 +0200", "soon"))).entries[0].published_at is None


def test_markup_is_made_safe_and_its_picture_is_found() -> None:
    entry = read(wild.ATOM).entries[0]
    assert "script" not in entry.html
    assert "alert" not in entry.text
    assert 'href="https://quay.example/posts/2"' in entry.html
    assert [(m.url, m.alt) for m in entry.media] == [("https://quay.example/pic.png", "a rope")]
    assert "<img" not in entry.html


def test_media_kind_length_and_duration() -> None:
    extra = '<enclosure url="https://h.example/a.mp3" type="audio/mpeg" length="1"/><itunes:duration>1:02:03</itunes:duration><media:content url="https://h.example/p.jpg" medium="image"/>'
    entry = read(rss(rss_item(1, text="four words of text", extra=extra))).entries[0]
    assert (entry.kind, entry.duration_seconds, entry.word_count) == ("audio", 3723, 4)
    assert {m.kind for m in entry.media} == {"audio", "image"}


@pytest.mark.parametrize(
    ("title", "link", "kind"),
    [
        ("RT @ida: look", None, "repost"), ("Ida boosted: look", None, "repost"), ("Re: look", None, "reply"),
        ("@ida yes", None, "reply"), ("Watch", "https://www.youtube.com/watch?v=1", "video"),
        ("Short", "https://www.youtube.com/shorts/1", "short"), ("Reading lists", None, "post"),
    ],
)  # fmt: skip
def test_reposts_replies_and_videos_are_told(title: str, link: str | None, kind: str) -> None:
    assert read(rss(rss_item(1, title=title, link=link))).entries[0].kind == kind


def test_a_wrong_encoding_is_read_with_a_warning() -> None:
    feed = read(rss(rss_item(1, title="Café")).encode("windows-1252"))
    assert feed.entries[0].title == "Café"
    assert feed.warnings


def test_a_truncated_feed_gives_what_was_whole() -> None:
    feed = read(rss(rss_item(1) + rss_item(2) + rss_item(3))[:-150])
    assert len(feed.entries) >= 2
    assert feed.warnings


def test_doubles_keep_the_first_and_five_thousand_are_enough() -> None:
    feed = read(rss(rss_item(1, "first") + rss_item(1, "second")))
    assert [e.title for e in feed.entries] == ["first"]
    assert feed.warnings
    many = read(rss("".join(rss_item(i) for i in range(5100))))
    assert len(many.entries) == 5000


def test_an_opml_of_ten_thousand_feeds_is_refused_with_the_number_that_fits() -> None:
    lines = "".join(f'<outline text="{i}" xmlUrl="https://h.example/{i}"/>' for i in range(10_000))
    with pytest.raises(OpmlRefused, match=r"lists 10,000 feeds; 2,000 at a time is the most"):
        read_opml(f'<opml version="2.0"><body>{lines}</body></opml>'.encode())


def test_document_types_are_refused_and_pages_are_no_feeds() -> None:
    with pytest.raises(FeedRefused, match="document type"):
        read(wild.ENTITY_BOMB)
    with pytest.raises(FeedRefused, match="document type"):
        read(wild.ENTITY_BOMB.encode("utf-16"))
    for body in (wild.PAGE, "just text", "", "{}", "[1]", '{"version": "x"}', "\x00\x01"):
        with pytest.raises(NotAFeed):
            read(body)


def test_half_a_surrogate_pair_in_a_json_feed_does_not_sink_it() -> None:
    feed = read(
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "content_html": "a \\ud83d b"}]}'
    )
    assert feed.entries[0].text == "a ? b"


def test_json_feed_passes_over_broken_items() -> None:
    feed = read(wild.JSON_FEED)
    assert (len(feed.entries), feed.entries[0].external_id, feed.entries[0].duration_seconds) == (1, "7", 61)
    assert "1 items break" in feed.warnings[0]
    assert read(wild.JSON_FEED_10).entries[0].text == "plain <text>"


def test_characters_that_mislead_are_removed() -> None:
    assert clean_text("a\x00b\u202ec\u200bd") == "abcd"
    assert clean_text("👩\u200d🚀 ok") == "👩\u200d🚀 ok"
    assert clean_line("<b>One</b> &amp; two\n\n three") == "One & two three"
    assert clean_html('<a href="javascript:x()" onclick="y()">z</a>') == '<a rel="noopener noreferrer nofollow">z</a>'


def test_a_page_offers_the_feeds_it_names() -> None:
    found = discover(wild.PAGE.encode(), "text/html", "https://quay.example/blog/")
    assert [(f.url, f.title, f.format) for f in found] == [
        ("https://quay.example/feed.xml", "All", "RSS"), ("https://quay.example/comments.atom", "Comments", "Atom"),
    ]  # fmt: skip
    assert discover(wild.PAGE_WITHOUT.encode(), "text/html", "https://x.example/") == ()
    linked = '<html><body><a href="/rss.xml">feed</a><a href="/about">about</a></body></html>'
    assert [f.url for f in discover(linked.encode(), "text/html", "https://x.example/a")] == [
        "https://x.example/rss.xml"
    ]
    channel = b'<html><head></head><body><script>{"channelId":"UCabcdefghijklmnop"}</script></body></html>'
    assert "channel_id=UCabcdefghijklmnop" in discover(channel, "", "https://www.youtube.com/@ida")[0].url


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (
            "https://www.youtube.com/channel/UCabcdefghijklmnop",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnop",
        ),
        ("https://www.youtube.com/playlist?list=PL123", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL123"),
        ("https://old.reddit.com/r/breadit/", "https://www.reddit.com/r/breadit/.rss"),
        ("https://social.example/@ida", "https://social.example/@ida.rss"),
        ("https://bsky.app/profile/ida.example", "https://bsky.app/profile/ida.example/rss"),
        ("https://example.org/blog", ""),
        ("https://example.org/feed.xml", ""),
    ],
)
def test_known_sites_are_led_to_their_feeds(page: str, feed: str) -> None:
    found = known_feed_addresses(page)
    assert (found[0].url if found else "") == feed


def test_opml_keeps_folders_both_ways_and_names_broken_lines() -> None:
    feeds = [
        OpmlFeed("https://a.example/f", "A", "News / Local"),
        OpmlFeed("https://b.example/f", "B", ""),
        OpmlFeed("https://c.example/f", "C", "News"),
    ]
    assert set(read_opml(write_opml(feeds, "mine")).feeds) == set(feeds)
    broken = b"""<opml version="2.0"><body>
<outline text="A" type="rss" xmlUrl="https://a.example/f"/>
<outline text="No address" type="rss"/>
<outline text="Twice" xmlUrl="https://a.example/f"/>
<outline text="Odd" xmlUrl="javascript:x"/>
</body></opml>"""
    result = read_opml(broken)
    assert [f.url for f in result.feeds] == ["https://a.example/f"]
    assert [p.partition(":")[0] for p in result.problems] == ["Line 3", "Line 4", "Line 5"]


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"<html/>", b'<opml version="2.0"><body/></opml>', b'<!DOCTYPE x [<!ENTITY a "b">]><opml/>',
     b"<opml><body>" + b"".join(b'<outline xmlUrl="https://a.example/%d"/>' % i for i in range(2001)) + b"</body></opml>"],
)  # fmt: skip
def test_files_that_are_no_usable_opml_are_refused(body: bytes) -> None:
    with pytest.raises(OpmlRefused):
        read_opml(body)


def _png(size: tuple[int, int] = (40, 20), form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, form)
    return out.getvalue()


def test_pictures_are_re_encoded_and_shrunk() -> None:
    encoded = reencode(_png((3000, 1500)))
    assert (encoded.width, encoded.height, encoded.mime) == (1600, 800, "image/webp")
    assert Image.open(io.BytesIO(encoded.data)).format == "WEBP"


@pytest.mark.parametrize(
    ("body", "message"),
    [(b"just a text", "not a picture"), (b"", "not a picture"), (b"<svg xmlns='x'/>", "not a picture"), (_png()[:60], "broken"), (_png((5000, 5000)), "megapixels"), (_png(form="BMP"), "not a picture"), (b"x" * (8 * 1024 * 1024 + 1), "8 MB")],
)  # fmt: skip
def test_what_is_no_picture_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(PictureRefused, match=message):
        reencode(body)


def test_the_article_of_a_page_is_found() -> None:
    text = " ".join(
        f"This is sentence {i} of the long article about ropes and tar in the old harbour." for i in range(30)
    )
    page = f"<html><body><nav>Menu</nav><article><h1>Ropes</h1><p>{text}</p></article><footer>Imprint</footer></body></html>"
    found = extract_article(page.encode(), "https://x.example/1")
    assert found is not None
    assert "sentence 29" in found[1]
    assert "Menu" not in found[1]


def test_languages_are_told_from_enough_text_only() -> None:
    assert detect_language("The harbour was quiet this morning and the gulls were waiting for the boats.") == "en"
    assert detect_language("Der Hafen war heute morgen still, und die Möwen warteten auf die Boote.") == "de"
    assert detect_language("ok") is None


def _eat() -> int:
    return len(bytearray(8 * 1024**3))


def test_the_sandbox_ends_what_takes_too_long_or_too_much_and_works_on() -> None:
    import time

    box = Sandbox()
    try:
        with pytest.raises(SandboxTimeout):
            box.call(time.sleep, 30, timeout_seconds=0.5)
        with pytest.raises(SandboxCrashed):
            box.call(_eat, timeout_seconds=20)
        with pytest.raises(NotAFeed):
            box.call(parse_feed, b"no", content_type="", url="https://x.example/", timeout_seconds=20)
        feed = box.call(
            parse_feed, rss(rss_item(1)).encode(), content_type="", url="https://x.example/", timeout_seconds=20
        )
        assert len(feed.entries) == 1
    finally:
        box.close()
