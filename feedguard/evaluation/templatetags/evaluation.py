"""How the evaluation's page writes figures."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def figure(values: Sequence[float | None]) -> SafeString | str:
    """A figure with its interval below it."""
    value, low, high = values
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{value:.2f}"
    return format_html("{}<small>{}–{}</small>", f"{value:.2f}", f"{low:.2f}", f"{high:.2f}")


@register.simple_tag
def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


@register.simple_tag
def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
