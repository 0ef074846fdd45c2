"""Addresses of the whole site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("feedguard.accounts.urls")),
    path("", include("feedguard.readers.urls")),
    path("", include("feedguard.upkeep.urls")),
    path("", include("feedguard.dashboard.urls")),
]
