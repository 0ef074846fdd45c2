"""Every route of the site, found from the resolver, as a second person and as nobody.

A new route needs nothing here unless it takes a parameter or a body that is not known yet; then the walk fails
until one of Alice's own is named for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from feedguard import runtime
from feedguard.accounts.devices import add_device
from feedguard.accounts.invites import make_invite
from feedguard.accounts.models import SCOPES, Invite, Person, SignedIn, SignInLink
from feedguard.decisions.models import Decision
from feedguard.items.models import Media, Picture
from feedguard.preferences import editing
from feedguard.preferences.selectors import state_of
from feedguard.readers.models import FilteredFeed
from tests.feedguard.api.caller import caller
from tests.feedguard.build import do_job, entry, reads, wishes, work

pytestmark = pytest.mark.django_db
MARKER = "spider"
OPEN = {
    "sign-in", "sign-in/<str:token>", "join/<str:token>", "api/v1/docs", "api/v1/openapi.json", "health",
    "schema/<slug:name>.json",
    r"^filtered/(?P<token>[A-Za-z0-9_-]{43})\.(?P<form>rss|atom|json)$", "v1/chat/completions",
}  # fmt: skip
"""Routes for those who are not signed in, each guarded by what it is asked with (tests/readers for the last two),
and those that say nothing of anybody: the API's description, the bundle's schemas, whether the process is well."""
API = "api/"
BODIES = {
    "status": {"status": "retired"}, "action": {"action": "blur"}, "override": {"action": "show"}, "appeal": {"text": ""},
    "accept": {"verdicts": {}}, "choose": {"choice": 0}, "renew": {"until": None},
}  # fmt: skip
"""A good body for the routes of the API that end so; with a bad one a route would not come to look for the id."""
SAYS_SO_INSTEAD = {
    "wishes/<str:entity_id>/status", "wishes/<str:entity_id>/action", "history/<str:delta_id>/undo",
    "proposals/<str:proposal_id>/accept", "proposals/<str:proposal_id>/reject",
}  # fmt: skip
"""Pages that answer an unknown id by leading back with a message, foreign or not."""
FORM = {"status": "retired", "action": "blur", "do": "remove"}


@pytest.fixture
def of_alice(alice: Person) -> dict[str, str]:
    """One id of Alice's for every parameter of any route."""
    subscription = reads(alice, entry(1, f"A {MARKER}", "in the bath"), entry(2, "Bread"))
    wishes(alice, f"no {MARKER}s for the next 300 days")
    job = do_job(alice, "say", {"sentence": "no bread", "replaces": ""})
    hidden = Decision.objects.get(is_current=True, action="hide")
    editing.add_rule(alice, "word", MARKER, "hide")
    editing.add_guard(alice, "author", MARKER)
    work()
    picture = Picture.objects.create(url="https://harbour.example/p.png", state="ready", sha256="0" * 64)
    Media.objects.create(item=hidden.item, kind="image", url=picture.url, picture=picture)
    (runtime_folder() / picture.sha256).write_bytes(MARKER.encode())
    browser = Client()
    browser.force_login(alice)
    browser.get("/")
    make_invite(alice)
    filtered = FilteredFeed.objects.create(person=alice, kind="all")
    graph = list(state_of(alice)[0].entities.values())
    kinds = {e.kind: e.id for e in graph}
    return {
        "item_id": str(hidden.item_id), "subscription_id": str(subscription.id), "source_id": str(subscription.id),
        "job_id": str(job.id), "proposal_id": job.result["proposal"], "picture_id": str(picture.id),
        "entity_id": kinds["intent"], "wish_id": kinds["intent"], "guard_id": kinds["guard"],
        "rule_id": next(e.id for e in graph if getattr(e, "rule", None)),
        "delta_id": runtime.graph_store().log(alice.key)[0].id, "change_id": runtime.graph_store().log(alice.key)[0].id,
        "device_id": str(add_device(alice, name=MARKER, scopes=SCOPES)[0].id),
        "feed_id": str(filtered.id), "session_id": str(SignedIn.objects.get(person=alice).id), "invite_id": str(Invite.objects.get().id),
    }  # fmt: skip


def runtime_folder() -> Any:
    from django.conf import settings

    return settings.PICTURES


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """All routes as written, such as `items/<uuid:item_id>/card`; Django's admin is looked at apart."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        elif not route.startswith("admin/"):
            yield from routes(pattern, route)


ROUTES = sorted(set(routes()) - {"admin/login/"})
WITH_PARAMETER = [route for route in ROUTES if "<" in route and route not in OPEN]
WITHOUT = [route for route in ROUTES if "<" not in route and route not in OPEN]


def filled_in(route: str, ids: dict[str, str]) -> str:
    """The address of Alice's own thing. An unknown parameter fails: name one of Alice's ids for it."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids[found[1]], route)


def requests(client: Client, route: str, address: str) -> Iterator[tuple[str, Any]]:
    """Every method that may be taken. The follow-up of decisions has no parameter in its route, but ids in its query."""
    yield "GET", client.get(address)
    if not route.startswith(API):
        yield "POST", client.post(address, FORM)
        return
    body = BODIES.get(route.rpartition("/")[2])
    for method in ("post", "put", "patch", "delete"):
        yield method.upper(), getattr(client, method)(address, body, content_type="application/json")


def everything_of(person: Person) -> Any:
    rows = {
        model._meta.label: sorted(map(str, model.objects.filter(person=person).values_list()))
        for model in apps.get_models()
        if any(field.name == "person" and field.is_relation for field in model._meta.fields)
    }
    return rows, state_of(person), Invite.objects.count()


def as_other(bob: Person, route: str = "") -> Client:
    """Bob in a browser, or, for the API, a device of his that may do everything."""
    if route.startswith(API):
        return caller(bob)
    client = Client()
    client.force_login(bob)
    return client


def test_a_second_person_finds_nothing_by_the_ids_of_another(
    of_alice: dict[str, str], alice: Person, bob: Person
) -> None:
    before = everything_of(alice)
    for route in WITH_PARAMETER:
        address = filled_in(route, of_alice)
        for method, answer in requests(as_other(bob, route), route, address):
            allowed = {404, 405} | ({302} if route in SAYS_SO_INSTEAD else set())
            assert answer.status_code in allowed, (method, address, answer.status_code)
            assert MARKER not in answer.content.decode("utf-8", "replace"), (method, address)
    assert everything_of(alice) == before


def test_a_second_person_sees_only_their_own(of_alice: dict[str, str], bob: Person) -> None:
    for route in WITHOUT:
        answer = as_other(bob, route).get(f"/{route}")
        assert answer.status_code in {200, 302, 404, 405, 422}, route
        text = "" if answer.streaming else answer.content.decode("utf-8", "replace")
        assert MARKER not in text, route
        assert not [name for name, key in of_alice.items() if key in text], route


def test_nobody_sees_anything_without_signing_in(of_alice: dict[str, str]) -> None:
    for route in [*WITH_PARAMETER, *WITHOUT]:
        for method, answer in requests(Client(), route, filled_in(route, of_alice)):
            if route.startswith(API):
                assert answer.status_code in {401, 404, 405}, (method, route)
                assert answer.status_code != 404 or route == "api/v1/", (method, route)
            else:
                assert answer.status_code == 302, (method, route)
                assert answer["Location"].startswith("/sign-in"), (method, route)


def test_the_walk_knows_a_route_that_it_has_no_id_for() -> None:
    with pytest.raises(KeyError):
        filled_in("secrets/<uuid:secret_id>", {"item_id": "x"})


def test_the_owner_does_find_what_the_walk_asks_for(of_alice: dict[str, str], alice: Person) -> None:
    client = Client()
    client.force_login(alice)
    found = [route for route in WITH_PARAMETER if client.get(filled_in(route, of_alice)).status_code in {200, 302}]
    assert {"why/<uuid:item_id>", "proposals/<str:proposal_id>", "pictures/<uuid:picture_id>"} <= set(found)
    assert sum(route.startswith(API) for route in found) >= 4
    device = caller(alice)
    for route in sorted(WITH_PARAMETER, key=lambda r: "undo" in r):  # what is taken back is no longer there
        if route.startswith(API):
            answers = requests(device, route, filled_in(route, of_alice))
            assert any(answer.status_code in {200, 202, 409} for _, answer in answers), route


def test_ids_of_another_in_forms_and_filters_lead_nowhere(of_alice: dict[str, str], alice: Person, bob: Person) -> None:
    before = everything_of(alice)
    other = as_other(bob)
    assert MARKER not in other.get(f"/?source={of_alice['source_id']}").content.decode()
    assert MARKER not in other.get(f"/log?wish={of_alice['wish_id']}").content.decode()
    other.post("/items/read", {"item": of_alice["item_id"]})
    job = do_job(bob, "say", {"sentence": "no bread", "replaces": of_alice["wish_id"]})
    assert (job.state, job.error_field) == ("failed", "replaces")
    device = caller(bob)
    assert device.get(f"/api/v1/decisions?item={of_alice['item_id']}").json()["decisions"] == []
    assert device.get(f"/api/v1/decisions/follow?item={of_alice['item_id']}").status_code == 404
    assert everything_of(alice) == before


def test_a_person_who_is_no_staff_is_led_away_from_the_admin(bob: Person) -> None:
    for address in ("/admin/", "/admin/accounts/person/", "/admin/feeds/source/"):
        answer = as_other(bob).get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_a_sign_in_link_of_another_signs_in_as_that_one_alone(alice: Person, bob: Person) -> None:
    visitor = Client()
    visitor.post(f"/sign-in/{SignInLink.make(bob)}")
    assert "Invite" not in visitor.get("/settings").content.decode()
