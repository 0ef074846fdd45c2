"""FeedGuard's addresses with an empty operation of the same framework beside them: the yardstick."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.urls import include, path
from ninja import NinjaAPI

empty = NinjaAPI(urls_namespace="empty", docs_url=None, openapi_url=None)


@empty.get("/nothing")
def nothing(request: HttpRequest) -> dict[str, str]:
    return {}


patterns, _, name = empty.urls
for pattern in patterns:
    pattern.callback = login_not_required(pattern.callback)
urlpatterns = [path("empty/", (patterns, "empty", name)), path("", include("feedguard.urls"))]
