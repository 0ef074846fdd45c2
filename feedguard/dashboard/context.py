"""What every page shows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from feedguard.decisions.models import Job


def page(request: HttpRequest) -> dict[str, Any]:
    """The switch that shows everything, and the job whose progress the page follows."""
    if not request.user.is_authenticated:
        return {}
    followed = request.session.get("job")
    job = Job.objects.filter(person=request.user, pk=followed).first() if followed else None
    if job is not None and job.state in {Job.State.DONE, Job.State.FAILED}:
        request.session.pop("job", None)
    return {"followed_job": job, "shows_everything": request.user.shows_everything}
