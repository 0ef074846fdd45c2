"""Celery inside the worker process. Only the relay, in the same process, ever publishes to it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "feedguard.settings")

QUEUES = ("interactive", "text", "feeds")
"""By urgency: what a person waits for, judging, fetching."""

app = Celery("feedguard")
app.conf.update(
    broker_url="memory://localhost/",
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_log_color=False,
    broker_connection_retry_on_startup=True,
    imports=("feedguard.decisions.tasks",),
)
