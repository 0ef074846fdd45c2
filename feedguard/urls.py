"""Addresses of the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    # The admin's own form would go round the throttle of signing in.
    path("admin/login/", login_not_required(RedirectView.as_view(pattern_name="sign_in", query_string=True))),
    path("admin/", admin.site.urls),
    path("", include("feedguard.api.urls")),
    path("", include("feedguard.accounts.urls")),
    path("", include("feedguard.readers.urls")),
    path("", include("feedguard.upkeep.urls")),
    path("", include("feedguard.dashboard.urls")),
]
