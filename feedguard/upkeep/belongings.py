"""What a person has: the rows of every table that refers to them. Found by the models themselves, so that a table that
comes later is exported, counted and erased too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from feedguard.accounts.models import Person


def tables() -> Iterator[tuple[type[Model], str]]:
    """Each model with a reference to a person, and the name of that field."""
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label_lower):
        for field in model._meta.get_fields():
            if field.related_model is Person and getattr(field, "concrete", False) and not field.auto_created:
                yield model, field.name


def rows(person: Person) -> Iterator[tuple[str, QuerySet[Any]]]:
    """Each table's name with the person's rows in it."""
    for model, name in tables():
        yield model._meta.label_lower, model._default_manager.filter(**{name: person})
