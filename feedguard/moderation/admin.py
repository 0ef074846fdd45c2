"""The admin: what an operator looks at. Preferences and items are the person's own and are not edited here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from feedguard.accounts.models import Person
from feedguard.decisions.models import Job, Outbox
from feedguard.feeds.models import Source


class ReadOnly(admin.ModelAdmin):
    """Looked at, not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Source)
class SourceAdmin(ReadOnly):
    list_display = ("title", "host", "state", "failures", "error", "succeeded_at", "next_at")
    list_filter = ("state",)
    search_fields = ("title",)
    change_list_template = "admin/sources.html"
    exclude = ("url", "site_url", "etag", "body_hash")
    """Feed addresses count as secrets."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        allowed = {"networks": settings.ALLOWED_NETWORKS, "addresses": settings.ALLOWED_ADDRESSES}
        return super().changelist_view(request, {**(extra_context or {}), **allowed})


@admin.register(Outbox)
class OutboxAdmin(ReadOnly):
    list_display = ("kind", "queue", "due_at", "leased_until", "attempts", "dead", "last_error")
    list_filter = ("kind", "queue", "dead")


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ("kind", "state", "progress", "error", "created_at", "ended_at")
    list_filter = ("kind", "state")
    exclude = ("input", "result")


@admin.register(Person)
class PersonAdmin(admin.ModelAdmin):
    list_display = ("username", "is_staff", "is_active", "last_login")
    fields = ("username", "is_active", "is_staff", "time_zone")
