"""Filtered feeds, as a person's own reader sees them."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from feedguard.accounts.models import Person
from feedguard.decisions import services
from feedguard.decisions.models import Decision
from feedguard.feeds.fetching import feed_extras
from feedguard.feeds.ingest import ingest
from feedguard.feeds.models import Source, Subscription
from feedguard.feeds.opml import read_opml
from feedguard.feeds.parse import parse_feed
from feedguard.feeds.services import subscribe, unsubscribe
from feedguard.items.models import Entry, Item
from feedguard.preferences import services as preferences
from feedguard.preferences.editing import set_action
from feedguard.preferences.history import changes
from feedguard.preferences.selectors import state_of
from feedguard.readers import addresses
from feedguard.readers.models import FilteredFeed
from tests.feedguard.build import actions, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
SPIDER = "A spider in the bath"
PODCAST = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
<title>Harbour Hours</title><link>https://hours.example/</link><description>Talks at the quay</description><itunes:author>Ida</itunes:author><itunes:new-feed-url>https://hours.example/whole.xml</itunes:new-feed-url><itunes:image href="https://hours.example/cover.jpg"/><itunes:category text="Society"><itunes:category text="Places"/></itunes:category>
<item><guid isPermaLink="false">hours-1</guid><title>On ropes</title><link>https://hours.example/1</link><description>&lt;p&gt;Rope &amp;amp; tar &lt;img src="https://hours.example/rope.png" alt="a rope"&gt;&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description><pubDate>Mon, 04 May 2026 10:00:00 +0200</pubDate><category>ropes</category>
<enclosure url="https://hours.example/1.mp3" length="123456" type="audio/mpeg"/><itunes:duration>1:02:03</itunes:duration><itunes:episode>7</itunes:episode><podcast:transcript url="https://hours.example/1.vtt" type="text/vtt"/><podcast:person role="guest">Ona</podcast:person>
<media:group><media:content url="https://hours.example/1.mp4" type="video/mp4" duration="3723"/><media:thumbnail url="https://hours.example/1.jpg" width="640" height="360"/></media:group></item></channel></rss>"""


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def address(person: Person, kind: str = "all", form: str = "rss", **place: Any) -> str:
    rows = [
        f for f in addresses.feeds_of(person) if f.kind == kind and all(getattr(f, k) == v for k, v in place.items())
    ]
    return reverse("filtered", args=[addresses.token_of(rows[0]), form])


def read(path: str) -> Any:
    answer = Client().get(path)
    assert answer.status_code == 200
    return feedparser.parse(answer.content, response_headers={"content-type": answer["Content-Type"]})


def titles(path: str) -> set[str]:
    return {found.title for found in read(path).entries}


def podcast(person: Person, url: str = "https://hours.example/feed") -> Subscription:
    parsed = parse_feed(PODCAST.encode(), content_type="", url=url)
    subscription, _ = subscribe(person, url, title=parsed.title)
    now = timezone.now()
    ingest(subscription.source, parsed.entries, now)
    Source.objects.filter(pk=subscription.source_id).update(
        extras=feed_extras(parsed), site_url=parsed.site_url, title=parsed.title
    )
    subscription.refresh_from_db()
    return subscription


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_a_wish_takes_away_exactly_what_it_hides_and_undo_brings_it_back_under_its_id(alice: Person, form: str) -> None:
    reads(alice, entry("urn:one", SPIDER), entry("urn:two", "Bread"), entry("urn:three", "Spider plants", "green"))
    work()
    path = address(alice, form=form)

    def ids() -> dict[str, str]:
        if form == "json":
            return {item["id"]: item["title"] for item in json.loads(Client().get(path).content)["items"]}
        return {found.id: found.title for found in read(path).entries}

    before = ids()
    assert set(before) == {"urn:one", "urn:two", "urn:three"}
    wishes(alice, "no spiders, but plants are fine")
    assert set(before) - set(ids()) == {"urn:one"}
    decision = Decision.objects.get(person=alice, item__title=SPIDER, is_current=True)
    services.override(alice, decision, "show")
    assert ids() == before
    services.override(alice, Decision.objects.get(person=alice, item__title=SPIDER, is_current=True), "hide")
    assert "urn:one" not in ids()


def test_taking_back_the_wish_gives_back_the_same_feed(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    work()
    path = address(alice)
    before = [(found.id, found.title, found.get("tags", [])) for found in read(path).entries]
    wishes(alice, "no spiders")
    assert len(read(path).entries) == 1
    preferences.undo(alice, changes(alice)[0].id)
    work()
    assert [(found.id, found.title, found.get("tags", [])) for found in read(path).entries] == before


def test_hidden_items_can_come_marked_instead(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    wishes(alice, "no spiders")
    path = address(alice)
    assert titles(path) == {"Bread"}
    FilteredFeed.objects.filter(person=alice).update(hidden="title")
    assert titles(path) == {f"[hidden] {SPIDER}", "Bread"}
    FilteredFeed.objects.filter(person=alice).update(hidden="category")
    marked = next(found for found in read(path).entries if found.title == SPIDER)
    assert {"feedguard:hide", "no spiders"} <= {tag.term for tag in marked.tags}
    assert "Hidden by “no spiders”" in marked.summary


def test_a_covered_item_shows_nothing_of_itself_before_a_click(alice: Person) -> None:
    reads(alice, entry(1, SPIDER, "It sits there."), entry(2, "Bread"))
    wishes(alice, "no spiders")
    facet = next(e for e in state_of(alice)[0].entities.values() if e.kind == "facet")
    set_action(alice, facet.id, "blur")
    work()
    assert actions(alice)[SPIDER] == "blur"
    covered = next(found for found in read(address(alice)).entries if found.title != "Bread")
    assert covered.title == "Covered: no spiders"
    raw = Client().get(address(alice)).content.decode()
    assert raw.index("details") < raw.index(SPIDER)


def test_undecided_items_are_held_back_for_a_bounded_time(alice: Person, settings: Any) -> None:
    settings.HOLD_MINUTES = 10
    reads(alice, entry(1, SPIDER))
    assert read(address(alice)).entries == []
    Entry.objects.update(created_at=timezone.now() - dt.timedelta(minutes=11))
    assert titles(address(alice)) == {SPIDER}


def test_each_source_each_folder_and_all_have_an_address_of_their_own(alice: Person) -> None:
    harbour = reads(alice, entry(1, SPIDER))
    garden = reads(alice, entry(2, "Roses", url="https://garden.example/2"), url="https://garden.example/feed")
    Subscription.objects.filter(pk=garden.pk).update(folder="Green")
    work()
    assert titles(address(alice, "source", source_id=harbour.source_id)) == {SPIDER}
    assert titles(address(alice, "folder", folder="Green")) == {"Roses"}
    assert titles(address(alice)) == {SPIDER, "Roses"}
    found = read(address(alice)).entries[0]
    assert found.source.title == "Harbour Notes"


def test_an_article_that_came_from_two_sources_stands_in_the_feed_of_each(alice: Person) -> None:
    reads(alice, entry(1, SPIDER))
    second = reads(alice, entry("b", "A spider, again"), entry("c", "Tea"), url="https://other.example/feed")
    Item.objects.filter(external_id="b").update(url="https://harbour.example/1")
    unsubscribe(second)
    second = reads(alice, url="https://other.example/feed")
    work()
    path = address(alice, "source", source_id=second.source_id)
    assert titles(path) == {"A spider, again", "Tea"}
    wishes(alice, "no spiders")
    assert titles(path) == {"Tea"}


def test_two_sources_with_one_id_do_not_lose_an_item(alice: Person) -> None:
    reads(alice, entry(1, "Bread"))
    reads(alice, entry(1, "Roses", url="https://garden.example/2"), url="https://garden.example/feed")
    work()
    found = {item.title: item.id for item in read(address(alice)).entries}
    assert found["Bread"] == "1"
    assert found["Roses"].startswith("urn:uuid:")
    assert {item.title: item.id for item in read(address(alice)).entries} == found


def test_the_original_elements_are_carried_on(alice: Person) -> None:
    subscription = podcast(alice)
    work()
    raw = Client().get(address(alice, "source", source_id=subscription.source_id)).content
    feed = feedparser.parse(raw)
    item = feed.entries[0]
    assert (item.id, item.link, item.guidislink) == ("hours-1", "https://hours.example/1", False)
    assert [(e.href, e.length, e.type) for e in item.enclosures] == [
        ("https://hours.example/1.mp3", "123456", "audio/mpeg")
    ]
    assert (item.itunes_duration, item.itunes_episode) == ("1:02:03", "7")
    assert item.media_content[0]["url"] == "https://hours.example/1.mp4"
    assert item.media_thumbnail[0] == {"url": "https://hours.example/1.jpg", "width": "640", "height": "360"}
    assert item.podcast_transcript["url"] == "https://hours.example/1.vtt"
    assert [tag.term for tag in item.tags] == ["ropes"]
    assert 'src="https://hours.example/rope.png"' in item.summary
    assert "x()" not in raw.decode()
    root = etree.fromstring(raw)
    spaces = {"i": "http://www.itunes.com/dtds/podcast-1.0.dtd", "p": "https://podcastindex.org/namespace/1.0"}
    assert root.xpath("string(channel/item/p:person[@role='guest'])", namespaces=spaces) == "Ona"
    assert root.xpath("string(channel/i:image/@href)", namespaces=spaces) == "https://hours.example/cover.jpg"
    assert root.xpath("count(channel/i:category/i:category)", namespaces=spaces) == 1
    assert not root.xpath("//i:new-feed-url", namespaces=spaces)
    atom = read(address(alice, "source", "atom", source_id=subscription.source_id)).entries[0]
    assert [e.href for e in atom.enclosures] == ["https://hours.example/1.mp3"]
    assert atom.itunes_duration == "1:02:03"
    item = json.loads(Client().get(address(alice, "source", "json", source_id=subscription.source_id)).content)[
        "items"
    ][0]
    assert item["attachments"] == [
        {"url": "https://hours.example/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 123456, "duration_in_seconds": 3723}
    ]  # fmt: skip


def odd(person: Person) -> None:
    """Items with what validators stumble over."""
    reads(
        person, entry("not an iri", "Ends & <begins>", "x"), entry(2, "", "no title"), entry(3, "No link", url=""),
        entry("https://harbour.example/4", "Späße \U0001f600", url="https://harbour.example/Spä ße"), entry(5, "\x0b\x1f\ufffe", ""),
    )  # fmt: skip
    podcast(person)
    work()


def test_rss_keeps_the_rules_of_the_validators(alice: Person) -> None:
    odd(alice)
    answer = Client().get(address(alice))
    assert answer["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    channel = root.find("channel")
    assert root.get("version") == "2.0"
    assert all(channel.findtext(name) for name in ("title", "link", "description", "lastBuildDate"))
    (own,) = channel.findall("{http://www.w3.org/2005/Atom}link")
    assert (own.get("rel"), own.get("type")) == ("self", "application/rss+xml")
    assert own.get("href") == f"http://testserver{address(alice)}"
    items = channel.findall("item")
    assert len(items) == 6
    guids = [item.findtext("guid") for item in items]
    assert len(set(guids)) == len(guids)
    for item in items:
        assert item.findtext("title") or item.findtext("description")
        assert email.utils.parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None
        assert re.fullmatch(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", item.findtext("pubDate"))
        guid = item.find("guid")
        assert guid.get("isPermaLink") in {"true", "false"}
        assert guid.get("isPermaLink") == "false" or guid.text.startswith("http")
        assert (item.findtext("link") or "https://x").isascii()
        for enclosure in item.findall("enclosure"):
            assert enclosure.get("url")
            assert enclosure.get("type")
            assert enclosure.get("length").isdigit()
        for source in item.findall("source"):
            assert source.get("url").startswith("http")
    assert not feedparser.parse(answer.content).bozo


def test_atom_keeps_rfc_4287(alice: Person) -> None:
    odd(alice)
    answer = Client().get(address(alice, form="atom"))
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    for node in [root, *root.findall("a:entry", space)]:
        (identifier,), (title,), (updated,) = (node.findall(f"a:{n}", space) for n in ("id", "title", "updated"))
        assert re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", identifier.text)
        assert title is not None
        assert re.fullmatch(stamp, updated.text)
        kinds = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in node.findall("a:link", space)]
        assert len(set(kinds)) == len(kinds)
    assert len(root.findall("a:author", space)) == 1  # stands for every entry that names none
    assert root.xpath("string(a:link[@rel='self']/@href)", namespaces=space).endswith(".atom")
    identifiers = [node.text for node in root.findall("a:entry/a:id", space)]
    assert len(set(identifiers)) == len(identifiers) == 6
    assert not feedparser.parse(answer.content).bozo


def test_json_feed_keeps_version_1_1(alice: Person) -> None:
    odd(alice)
    answer = Client().get(address(alice, form="json"))
    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    feed = json.loads(answer.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://testserver{address(alice, form='json')}"
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert "content_html" in item
        assert dt.datetime.fromisoformat(item["date_published"]).tzinfo is not None
        assert all(a["url"] and a["mime_type"] for a in item.get("attachments", []))
    parse_feed(answer.content, content_type="", url="https://x.example/")


def test_a_reader_asks_only_for_what_has_changed(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), entry(2, "Bread"))
    work()
    path = address(alice)
    first = Client().get(path)
    tag, modified = first["ETag"], first["Last-Modified"]
    assert Client().get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert Client().get(path, HTTP_IF_MODIFIED_SINCE=modified).status_code == 304
    assert Client().get(path)["ETag"] == tag
    wishes(alice, "no spiders")
    for headers in ({"HTTP_IF_NONE_MATCH": tag}, {"HTTP_IF_MODIFIED_SINCE": modified}):
        answer = Client().get(path, **headers)
        assert answer.status_code == 200
        assert (answer["ETag"], answer["Last-Modified"]) != (tag, modified)
        assert answer["Last-Modified"] != modified
    assert Client().head(path).status_code == 200


def test_no_session_no_cookie_no_index_and_a_limit(alice: Person) -> None:
    path = address(alice)
    answer = Client().get(path)
    assert not answer.cookies
    assert "noindex" in answer["X-Robots-Tag"]
    assert "private" in answer["Cache-Control"]
    assert Client().post(path).status_code == 405
    statuses = [Client().get(path).status_code for _ in range(40)]
    assert statuses[-1] == 429
    assert int(Client().get(path)["Retry-After"]) > 0


def test_a_renewed_address_leaves_the_old_one_unknown(alice: Person) -> None:
    old = address(alice)
    client = Client()
    client.force_login(alice)
    row = FilteredFeed.objects.get(person=alice, kind="all")
    client.post(reverse("change_filtered", args=[row.id]), {"do": "renew"})
    assert Client().get(old).status_code == 404
    assert Client().get(address(alice)).status_code == 200
    assert address(alice) != old


def test_addresses_cannot_be_guessed_and_end_with_what_they_show(alice: Person, bob: Person, settings: Any) -> None:
    subscription = reads(alice, entry(1, SPIDER))
    path = address(alice, "source", source_id=subscription.source_id)
    head, tail = path[:-10], path[-10:]
    assert Client().get(head[:-1] + ("A" if head[-1] != "A" else "B") + tail).status_code == 404
    assert Client().get(reverse("filtered", args=["A" * 43, "rss"])).status_code == 404
    row = FilteredFeed.objects.get(source=subscription.source)
    stored = " ".join(str(value) for value in vars(row).values())
    assert urlsplit(path).path.split("/")[2].split(".")[0] not in stored
    assert FilteredFeed.objects.filter(person=bob).count() == 0
    unsubscribe(subscription)
    assert Client().get(path).status_code == 404
    alice_all = address(alice)
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert Client().get(alice_all).status_code == 404


def test_another_person_can_neither_renew_nor_change_an_address(alice: Person, bob: Person) -> None:
    path = address(alice)
    row = FilteredFeed.objects.get(person=alice)
    other = Client()
    other.force_login(bob)
    for data in ({"do": "renew"}, {"hidden": "title"}):
        assert other.post(reverse("change_filtered", args=[row.id]), data).status_code == 404
    assert Client().get(path).status_code == 200


def test_one_click_exports_the_filtered_addresses(alice: Person) -> None:
    subscription = reads(alice, entry(1, SPIDER))
    Subscription.objects.filter(pk=subscription.pk).update(folder="Sea / Coast")
    work()
    client = Client()
    client.force_login(alice)
    answer = client.get(reverse("filtered_opml"))
    (feed,) = read_opml(answer.content).feeds
    assert (feed.title, feed.folder) == ("Harbour Notes", "Sea / Coast")
    assert titles(urlsplit(feed.url).path) == {SPIDER}
    page = client.get(reverse("reader")).content.decode()
    assert feed.url in page


def test_the_private_address_of_a_source_does_not_stand_in_what_goes_out(alice: Person) -> None:
    reads(alice, entry(1, SPIDER), url="https://harbour.example/feed?key=s3cret")
    work()
    for form in ("rss", "atom", "json"):
        assert b"s3cret" not in Client().get(address(alice, form=form)).content


def test_a_changed_text_is_kept_with_its_elements(alice: Person) -> None:
    subscription = podcast(alice)
    changed = parse_feed(
        PODCAST.replace("On ropes", "On ropes and knots").replace("1.vtt", "2.vtt").encode(), content_type="", url="https://hours.example/feed"
    )  # fmt: skip
    ingest(subscription.source, changed.entries, timezone.now())
    work()
    (item,) = read(address(alice)).entries
    assert item.title == "On ropes and knots"
    assert item.podcast_transcript["url"] == "https://hours.example/2.vtt"
