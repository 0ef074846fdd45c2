"""Celery inside the worker processes. Only their relays ever publish to it; the web process does not.

The broker lies in the worker's own memory, or is the Redis of the settings. What it loses costs nothing: a message
that never arrives is sent again when the lease of its rows has run out.
"""

from __future__ import annotations

import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedguard.settings")

QUEUES = ("interactive", "text", "feeds")
"""By urgency: what a person waits for, judging, fetching."""

app = Celery("feedguard")
app.conf.update(
    broker_url=settings.BROKER_URL,
    broker_connection_timeout=2,
    broker_connection_max_retries=None,
    broker_transport_options={"socket_timeout": 5, "socket_connect_timeout": 2},
    task_publish_retry=False,
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_log_color=False,
    broker_connection_retry_on_startup=True,
    imports=("feedguard.decisions.tasks",),
)
