"""Filtered feeds, for readers: no session, no cookie; the address is the key."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.http import require_safe

from feedguard.readers import addresses
from feedguard.readers.publishing import publish
from feedguard.throttle import too_often

REQUESTS_A_MINUTE = 30


@login_not_required
@require_safe
def filtered(request: HttpRequest, token: str, form: str) -> HttpResponse:
    feed = addresses.find(token)
    if feed is None:
        raise Http404
    if wait := too_often(f"filtered:{feed.id}", limit=REQUESTS_A_MINUTE):
        slow = HttpResponse("This feed is asked for too often.", status=429, content_type="text/plain; charset=utf-8")
        slow["Retry-After"] = str(wait)
        return slow
    made = publish(
        feed, form, self_url=request.build_absolute_uri(request.path), home=request.build_absolute_uri(reverse("feed"))
    )
    response = HttpResponse(made.body, content_type=made.content_type)
    response["ETag"], response["Last-Modified"] = made.etag, http_date(made.changed_at.timestamp())
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex, nofollow"
    answer = get_conditional_response(request, made.etag, int(made.changed_at.timestamp()), response)
    return answer or response
