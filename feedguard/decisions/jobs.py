"""Jobs: work that a person waits for, asked for by the web process and done by the worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from feedguard.accounts.models import Person
from feedguard.decisions.models import Job
from feedguard.decisions.outbox import Work, enqueue

log = logging.getLogger(__name__)
JOB = Work("job", "interactive", priority=0)
Progress = Callable[[str], None]
JobHandler = Callable[[Person, dict[str, Any], Progress], dict[str, Any]]

HANDLERS: Mapping[str, str] = {
    "rejudge": "feedguard.decisions.work.rejudge",
    "demo": "feedguard.feeds.demo_load.load",
    "add_source": "feedguard.feeds.add.add_source",
    "import_opml": "feedguard.feeds.add.import_opml",
    "say": "feedguard.preferences.say.say",
    "classify": "feedguard.readers.classifying.classify",
    "export": "feedguard.upkeep.export.export",
    "reader_preview": "feedguard.readers.work.preview",
    "reader_take_back": "feedguard.readers.work.take_back",
    "choose": "feedguard.preferences.proposing.choose",
    "revise": "feedguard.preferences.proposing.revise",
    "reflect": "feedguard.preferences.reflecting.reflect",
    "import_preferences": "feedguard.preferences.importing.dry_run",
    "propose_import": "feedguard.preferences.importing.propose_import",
}


class JobRefused(Exception):
    """The job cannot be done with this input; the message says what to do, `field` names the input."""

    permanent = True

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def start_job(person: Person, kind: str, data: dict[str, Any]) -> Job:
    """Record the job and ask for it, in one transaction."""
    with transaction.atomic():
        job = Job.objects.create(person=person, kind=kind, input=data)
        enqueue(JOB, [str(job.id)], person=person.id)
    return job


def do_job(job_id: str) -> None:
    """Do one job to its end. A job that ended already (a second delivery) is left as it is."""
    job = Job.objects.select_related("person").filter(pk=job_id).first()
    if job is None or job.state in {Job.State.DONE, Job.State.FAILED}:
        return
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    handler: JobHandler = import_string(HANDLERS[job.kind])

    def progress(line: str) -> None:
        Job.objects.filter(pk=job.pk).update(progress=line[:200])

    try:
        result = handler(job.person, job.input, progress)
    except Exception as error:
        if not getattr(error, "permanent", False):
            log.exception("job %s of kind %s failed", job.pk, job.kind)
        message = getattr(error, "message", "") or _unexpected(error)
        _end(job, state=Job.State.FAILED, error=message[:500], error_field=getattr(error, "field", "")[:40])
        return
    _end(job, state=Job.State.DONE, result=result)


def _unexpected(error: Exception) -> str:
    return f"Something went wrong on our side ({type(error).__name__}). Try again; the log has more."


def _end(job: Job, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(ended_at=timezone.now(), **fields)
