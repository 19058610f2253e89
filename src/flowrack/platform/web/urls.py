"""The addresses of the shell's own pages."""

from __future__ import annotations

from django.urls import path

from flowrack.platform import photos
from flowrack.platform.web import codes, scan, views

urlpatterns = [
    path("palette", views.palette, name="palette"),
    path("codes/<str:kind>", codes.codes, name="codes"),
    path("preferences", views.preference, name="preference"),
    path("site", views.choose_site, name="choose_site"),
    path("views", views.save_view, name="save_view"),
    path("views/<int:view_id>/drop", views.drop_view, name="drop_view"),
    path("jobs", views.JOBS.view, name="jobs"),
    path("jobs/tray", views.jobs_tray, name="jobs_tray"),
    path("jobs/<int:job_id>", views.job, name="job"),
    path("jobs/<int:job_id>/cancel", views.cancel_job, name="cancel_job"),
    path("photos/<str:digest>", photos.photo, name="photo"),
    path("scan", scan.START.view, name="scan"),
    path("scan/", scan.START.view, name="scan_typed"),
    path("scan/manifest.webmanifest", views.manifest, name="scan_manifest"),
]
