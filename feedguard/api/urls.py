"""The API, version 1, put together."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.operation import Operation

from feedguard import __version__
from feedguard.api.auth import needs
from feedguard.api.docs import DocsPage
from feedguard.api.errors import add_handlers
from feedguard.api.routers import deciding, decisions, me, rules, sources, wishes
from feedguard.api.throttling import PerPerson


class Api(NinjaAPI):
    """Operations are named after their functions."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = Api(
    title="FeedGuard",
    version="1",
    description=f"FeedGuard {__version__}. Send items, get decisions with reasons, and keep your wishes.",
    docs=DocsPage(),
    auth=needs("read"),
    throttle=PerPerson(),
    urls_namespace="api-1",
)
add_handlers(api)
for router in (deciding.router, decisions.router, wishes.router, rules.router, sources.router, me.router):
    api.add_router("", router)


def _authenticating_itself(pattern: URLPattern) -> URLPattern:
    """Operations answer 401 by themselves; without this they would lead to the page for signing in."""
    pattern.callback = login_not_required(pattern.callback)
    return pattern


def _urls() -> tuple[list[URLPattern], str, str]:
    patterns, app, namespace = api.urls
    return [_authenticating_itself(pattern) for pattern in patterns], app, namespace


urlpatterns = [path("api/v1/", _urls())]
