"""The decision pipeline. Pure: it knows the preference graph's types, and neither Django nor Celery."""
