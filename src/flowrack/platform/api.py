"""The platform's endpoints: who am I, and my background jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from flowrack.platform import jobs, photos
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.http import caller_of, requires, signed_in
from flowrack.platform.models import Job
from flowrack.shared.errors import NotFound, NotSignedIn

router = Router(tags=["platform"])


class MeOut(Schema):
    """The caller, and what they may do at which sites (0 = every site)."""

    id: int
    name: str
    grants: dict[str, list[int]]


@router.get("/me", response=MeOut)
@signed_in
def me(request: HttpRequest) -> MeOut:
    """Who the token or session belongs to, and what it may do."""
    caller = caller_of(request)
    if caller is None:
        raise NotSignedIn("You are not signed in.")
    return MeOut(
        id=caller.user_id,
        name=caller.name,
        grants={permission: sorted(sites) for permission, sites in sorted(caller.grants.items())},
    )


class PhotoOut(Schema):
    """A kept picture; records name it by its digest."""

    digest: str
    content_type: str
    size_bytes: int
    width: int
    height: int


@router.post("/photos", response=PhotoOut)
@requires("platform.photos")
def send_photo(request: HttpRequest, file: File[UploadedFile]) -> photos.Photo:
    """Keep a JPEG, PNG or WebP picture of at most 10 MB, sent as a form's file. Sent again, it is the same one."""
    return photos.save_upload(file)


class JobOut(Schema):
    """A background job."""

    id: int
    kind: str
    title: str
    state: str
    done_count: int
    total_count: int | None
    message: str
    log: str
    result: Any
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("/jobs", response=PageOut[JobOut])
@requires("platform.jobs")
def list_jobs(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """The caller's own jobs, oldest first."""
    rows = Job.objects.filter(actor_id=_caller_id(request), id__gt=after_id(cursor)).order_by("id")
    return page_out(request, response, list(rows[: limit + 1]), limit=limit)


@router.get("/jobs/{int:job_id}", response=JobOut)
@requires("platform.jobs")
def job(request: HttpRequest, job_id: BigId) -> Job:
    """One of the caller's own jobs: how far it is, its log, its result."""
    found = Job.objects.filter(pk=job_id, actor_id=_caller_id(request)).first()
    if found is None:
        raise NotFound("There is no such job.")
    return found


@router.post("/jobs/{int:job_id}/cancel", response=JobOut)
@requires("platform.jobs")
def cancel_job(request: HttpRequest, job_id: BigId) -> Job:
    """Ask a job to stop; safe to repeat while it is under way."""
    jobs.cancel(_caller_id(request), job_id)
    return Job.objects.get(pk=job_id)


def _caller_id(request: HttpRequest) -> int:
    caller = caller_of(request)
    if caller is None:
        raise NotSignedIn("You are not signed in.")
    return caller.user_id
