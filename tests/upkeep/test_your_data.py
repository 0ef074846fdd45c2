"""Everything a person has can be taken along, and everything of a person can go, provably."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import CASCADE
from django.test import Client
from django.urls import reverse

from feedguard.accounts.models import Person
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Job, Outbox
from feedguard.feeds.opml import read_opml
from feedguard.items.models import Item
from feedguard.readers import addresses, keys
from feedguard.readers.models import ReaderAccount
from feedguard.readers.sealing import seal
from feedguard.upkeep.belongings import tables
from tests.feedguard.build import entry, reads, wishes, work
from tests.running import ROOT, Running, until

SPIDER = "A spider in the bath"
PLANT = """
import django; django.setup()
from django.core.management import call_command
from feedguard.data_folder import open_data_folder
from django.conf import settings
open_data_folder(settings.DATA)
call_command("migrate", verbosity=0)
import io
from django.contrib.sessions.backends.db import SessionStore
from PIL import Image
from feedguard.accounts.models import Person, SignInLink
from feedguard.decisions import services
from feedguard.decisions.models import Decision, Override
from feedguard.decisions.jobs import start_job
from feedguard.feeds.models import Source, Subscription
from feedguard.feeds.parsed import ParsedMedia
from feedguard.feeds.pictures import reencode
from feedguard.feeds.work import keep
from feedguard.items.models import Picture
from feedguard.preferences import accepting, editing
from feedguard.readers import addresses, keys
from feedguard.readers.classifying import classify
from feedguard.readers.models import ReaderAccount, ReaderItem
from feedguard.readers.sealing import seal
from django.utils import timezone
from tests.feedguard.build import do_job, entry, reads, wishes, work
M = "quokkamark"
def fill(name, mark):
    person = Person.objects.create_superuser(name, password=name + "'s own password", email=mark + "@mail.example", first_name=mark, last_name=mark)
    media = (ParsedMedia("https://%s.example/p.png" % mark, "image", alt="picture of " + mark),)
    own = reads(person, entry(mark + "1", "A spider " + mark, "text " + mark, author=mark, media=media, url="https://%s.example/1" % mark),
        entry(mark + "2", "Bread", url="https://%s.example/2" % mark), url="https://harbour.example/feed?key=" + mark)
    Subscription.objects.filter(pk=own.pk).update(folder=mark)
    wishes(person, "no spiders and no " + mark)
    wishes(person, "no spiders")
    wishes(person, "no " + mark + " ferries")
    proposal = do_job(person, "say", {"sentence": "no " + mark + " bread", "replaces": ""}).result["proposal"]
    accepting.reject(person, proposal)
    editing.add_rule(person, "word", mark, "hide")
    work()
    decision = Decision.objects.filter(person=person, is_current=True).first()
    services.appeal(person, decision, "wrong, says " + mark)
    addresses.feeds_of(person)
    keys.make_key(person)
    account = ReaderAccount.objects.create(person=person, kind="other", url="https://%s.example" % mark, user=mark, sealed_token=seal(mark))
    ReaderItem.objects.create(account=account, reader_id="1", title=mark, source=mark, seen_at=timezone.now())
    classify(person, {"article": {"title": "A spider " + mark, "author": mark, "url": "", "feed": mark, "feed_url": "", "text": mark}}, print)
    export = do_job(person, "export", {})
    assert export.state == "done", export.error
    SignInLink.make(person)
    return person
alice = fill("alice", M)
bob = fill("bob", "wombatmark")
reads(alice, entry("shared", "A shared article about ferries", url="https://shared.example/1"), url="https://shared.example/feed")
reads(bob, url="https://shared.example/feed")
for picture in Picture.objects.all():
    out = io.BytesIO(); Image.new("RGB", (8, 8), "red" if M in picture.url else "blue").save(out, "PNG")
    keep(picture, reencode(out.getvalue()))
work()
print(Picture.objects.get(url__contains=M).sha256)
"""


@pytest.fixture
def exports(settings: Any, tmp_path: Path) -> Path:
    cache.clear()
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.mark.django_db
def test_everything_a_person_has_comes_in_one_file(alice: Person, bob: Person, exports: Path) -> None:
    reads(alice, entry(1, SPIDER, "It waits."), entry(2, "Bread"), url="https://harbour.example/feed?key=mine")
    reads(bob, entry(9, "Bob's own"), url="https://bobs.example/feed")
    wishes(alice, "no spiders")
    services.appeal(alice, Decision.objects.get(person=alice, item__title=SPIDER, is_current=True), "toy spider")
    addresses.feeds_of(alice)
    key = keys.make_key(alice)
    ReaderAccount.objects.create(
        person=alice, kind="other", url="https://r.example", user="a", sealed_token=seal("s3cret")
    )
    client = Client()
    client.force_login(alice)
    answer = client.post(reverse("export"))
    work("job")
    job = Job.objects.get(kind="export")
    assert client.get(answer["Location"])["Location"] == reverse("your_data")
    page = client.get(reverse("your_data")).content.decode()
    assert reverse("download_export", args=[job.id]) in page
    download = client.get(reverse("download_export", args=[job.id]))
    raw = b"".join(download.streaming_content)  # type: ignore[arg-type]
    archive = zipfile.ZipFile(io.BytesIO(raw))
    read = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {item["title"] for item in json.loads(read["items.json"])} == {SPIDER, "Bread"}
    log = json.loads(read["preferences-log.json"])
    assert [delta["why"] for delta in log] == ["no spiders"]
    assert json.loads(read["tables/decisions.appeal.json"])[0]["text"] == "toy spider"
    assert json.loads(read["tables/decisions.override.json"])[0]["action"] == "show"
    assert len(json.loads(read["tables/decisions.decision.json"])) == Decision.objects.filter(person=alice).count()
    assert read_opml(read["subscriptions.opml"].encode()).feeds[0].url == "https://harbour.example/feed?key=mine"
    assert json.loads(read["account.json"])["time_zone"] == "Europe/Berlin"
    assert {name.removeprefix("tables/").removesuffix(".json") for name in read if name.startswith("tables/")} == {
        model._meta.label_lower for model, _ in tables()
    }
    whole = "".join(read.values())
    account = ReaderAccount.objects.get()
    for secret in (key, alice.password, account.sealed_token, "Bob's own"):
        assert secret not in whole


@pytest.mark.django_db
def test_another_person_cannot_download_it_and_it_is_there_for_a_day(alice: Person, bob: Person, exports: Path) -> None:
    from feedguard.upkeep.export import export, file_of

    job = Job.objects.create(
        person=alice, kind="export", input={}, state="done", result=export(alice, {}, lambda _: None)
    )
    assert (exports.stat().st_mode & 0o777, next(exports.iterdir()).stat().st_mode & 0o777) == (0o700, 0o600)
    other = Client()
    other.force_login(bob)
    assert other.get(reverse("download_export", args=[job.id])).status_code == 404
    assert file_of(bob, job.result["file"]) is None
    assert file_of(alice, f"{alice.id}./../../secret_key") is None
    next(exports.iterdir()).unlink()
    client = Client()
    client.force_login(alice)
    assert client.get(reverse("download_export", args=[job.id])).status_code == 404
    assert "Download the export" not in client.get(reverse("your_data")).content.decode()


@pytest.mark.django_db
def test_the_page_says_what_will_go_and_a_wrong_password_erases_nothing(alice: Person, exports: Path) -> None:
    reads(alice, entry(1, SPIDER))
    wishes(alice, "no spiders")
    client = Client()
    client.force_login(alice)
    page = client.get(reverse("your_data")).content.decode()
    for line in ("sources that only you read", "changes of wishes", "decisions"):
        assert line in page
    for _ in range(5):
        answer = client.post(reverse("erase"), {"password": "wrong"})
        assert answer.status_code == 422
    assert "not your password" in answer.content.decode()
    assert "Too many tries" in client.post(reverse("erase"), {"password": "alice's own password"}).content.decode()
    assert Person.objects.get(pk=alice.pk).is_active
    assert not Outbox.objects.filter(kind="erase").exists()


@pytest.mark.django_db
def test_no_table_keeps_a_person_from_going() -> None:
    for model, name in tables():
        assert model._meta.get_field(name).remote_field.on_delete is CASCADE, model


@pytest.mark.django_db
def test_another_s_decisions_on_a_source_are_not_taken_along(alice: Person, bob: Person, exports: Path) -> None:
    from feedguard.feeds.services import unsubscribe
    from feedguard.upkeep.erasure import ask_to_erase

    reads(alice, entry(1, SPIDER))
    theirs = reads(bob)
    wishes(bob, "no spiders")
    unsubscribe(theirs)
    ask_to_erase(alice)
    work("erase")
    assert not Person.objects.filter(pk=alice.pk).exists()
    assert Decision.objects.filter(person=bob, action="hide").count() == 1
    assert Item.objects.count() == 1


def _traces(folder: Path, mark: str) -> list[str]:
    """Files of the data folder in which the mark stands, in any usual encoding, or in whose name."""
    forms = [mark.encode(), mark.encode("utf-16-le"), mark.upper().encode()]
    found = [path for path in folder.rglob("*") if path.is_file()]
    return [str(p.relative_to(folder)) for p in found if any(f in p.read_bytes() for f in forms) or mark in p.name]


def test_nothing_of_a_person_is_left_in_any_file(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-c", PLANT], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "FEEDGUARD_DATA": str(folder), "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "feedguard.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    picture = done.stdout.split()[-1]
    before = _traces(folder, "quokkamark")
    assert "app.db" in before
    assert "graph.db" in before or "graph.db-wal" in before
    assert (folder / "pictures" / picture).exists()
    assert len(list((folder / "exports").iterdir())) == 2
    with Running(folder, "--no-demo") as product:
        (alice,) = [str(row[0]) for row in product.query("SELECT id FROM accounts_person WHERE username = 'alice'")]
        _erase_by_hand(product, "alice", "alice's own password")
        until(lambda: not product.query("SELECT 1 FROM accounts_person WHERE username = 'alice'"), 30, "erased")
        until(lambda: not product.query("SELECT 1 FROM decisions_outbox WHERE kind = 'erase'"), 30, "scrubbed")
        until(lambda: not _traces(folder, "quokkamark"), 5, f"no trace; now {_traces(folder, 'quokkamark')}")
        assert "Traceback" not in product.log()
        assert product.query("SELECT count(*) FROM items_item WHERE title = 'A shared article about ferries'") == [(1,)]
        assert product.query("SELECT count(*) FROM accounts_person WHERE username = 'bob'") == [(1,)]
        assert product.query("SELECT count(*) FROM decisions_decision") != [(0,)]
    assert not _traces(folder, "quokkamark")
    assert not (folder / "pictures" / picture).exists()
    assert not list((folder / "exports").glob(f"*{alice}*"))
    assert len(list((folder / "exports").iterdir())) == 1
    assert {"app.db", "graph.db"} <= set(_traces(folder, "wombatmark")), "Bob's own is still there"


def _erase_by_hand(product: Running, name: str, password: str) -> None:
    """Sign in and erase, as a browser without scripts does."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def submit(page: str, action: str, **fields: str) -> str:
        text = browser.open(product.url + page).read().decode()
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[0]
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        answer: str = browser.open(product.url + action, data).read().decode()
        return answer

    submit("/sign-in", "/sign-in", username=name, password=password)
    assert "Your account has ended" in submit("/your-data", "/your-data/erase", password=password)
    assert "Sign in" in browser.open(product.url + "/").read().decode()
