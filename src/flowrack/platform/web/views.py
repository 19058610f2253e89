"""The shell's own pages: palette, preferences, site, saved views, jobs."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import get_template
from django.templatetags.static import static

from flowrack.platform import faults, jobs
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.models import Job, SavedView
from flowrack.platform.web import palette as palette_search
from flowrack.platform.web.access import PUBLIC, page, refused
from flowrack.platform.web.listing import LISTS, Column, Empty, ListPage, Tab, clean, sql_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.render import go
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import NotPermitted

YEAR = 365 * 24 * 3600
PREFERENCES = {
    "theme": ("", "light", "dark"),
    "density": ("", "compact", "touch"),
    "hand": ("", "left"),
    "type": ("", "large"),
    "sound": ("", "loud"),
}


def back(request: HttpRequest) -> str:
    """The address on this site the person came from."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or not came.path.startswith("/"):
        return "/"
    return f"{came.path}?{came.query}" if came.query else came.path


@page()
def palette(request: HttpRequest) -> HttpResponse:
    """Results for the palette; `go=1` opens the one exact record straight away."""
    text = request.GET.get("q", "")
    hits = palette_search.search(request, text)
    exact = [h for h in hits if h.is_exact]
    if request.GET.get("go") == "1" and len(exact) == 1:
        return HttpResponse(status=204, headers={"HX-Redirect": exact[0].url})
    return render(request, "platform/_palette.html", {"hits": hits, "text": text})


@page(PUBLIC, methods=("POST",))
def preference(request: HttpRequest) -> HttpResponse:
    """Keep theme, density, hand, type or sound in a cookie of this device."""
    response: HttpResponse = HttpResponseRedirect(back(request))
    for name, allowed in PREFERENCES.items():
        if name in request.POST and request.POST[name] in allowed:
            response.set_cookie(name, request.POST[name], max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


@page(methods=("POST",))
def choose_site(request: HttpRequest) -> HttpResponse:
    """Work at another site, or at all of them."""
    viewer = viewer_of(request)
    asked = request.POST.get("site_id", "0")
    allowed = {0, *(s.id for s in sites_for(viewer))}
    if read_id(asked) in allowed:
        request.session["site_id"] = read_id(asked)
    return HttpResponseRedirect(back(request))


@page(methods=("POST",))
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the current view of a list under a name."""
    listing = LISTS.get(request.POST.get("page", ""))
    name = request.POST.get("name", "").strip()[:80]
    if listing is None or not name or not viewer_of(request).may(listing.permission):
        return HttpResponse(status=400)
    query = clean(listing.state_of(request, _query_of(request)).data).urlencode(safe=",")
    SavedView.objects.update_or_create(
        page=listing.name,
        name=name,
        owner_id=request.user.pk,
        defaults={"query": query, "is_shared": request.POST.get("is_shared") == "on"},
    )
    return go(request, back(request))


def _query_of(request: HttpRequest) -> QueryDict:
    return QueryDict(request.POST.get("query", "").lstrip("?"))


@page(methods=("POST",))
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget one of one's own saved views."""
    get_object_or_404(SavedView, pk=view_id, owner_id=request.user.pk).delete()
    return go(request, urlsplit(back(request)).path)


def job_list(query: ListQuery) -> Page[object]:
    """The viewer's jobs, newest first."""
    return sql_page(
        query,
        None,
        """
        SELECT j.id, j.title, j.kind, j.state, j.done_count, j.total_count, j.message, j.queued_at, j.finished_at,
               coalesce(j.finished_at, now()) - j.started_at AS took
        FROM platform_job j WHERE j.actor_id = %s
        """,
        [query.actor_id],
        search=("title", "kind", "message"),
    )


JOBS = ListPage(
    name="platform.jobs",
    title="Jobs",
    noun=("job", "jobs"),
    permission="",
    rows=job_list,
    columns=[
        Column("title", "Job", link=lambda j: f"/jobs/{j.id}", wide=True),
        Column("state", "State", kind="state", sort=True),
        Column("done_count", "Done", kind="number"),
        Column("total_count", "Of", kind="number"),
        Column("message", "Now"),
        Column("queued_at", "Asked", kind="datetime", sort=True),
    ],
    tabs=[Tab("All", "")],
    sort="-queued_at",
    search="Title or message",
    empty=Empty("No jobs yet", "Long work such as an import or an allocation run shows its progress here."),
)


@page()
def jobs_tray(request: HttpRequest) -> HttpResponse:
    """The tray: the person's last jobs; polled while one is under way."""
    latest = list(Job.objects.filter(actor_id=request.user.pk).order_by("-id")[:8])
    running = sum(job.state in ("queued", "running") for job in latest)
    return render(request, "platform/_jobs_tray.html", {"jobs": latest, "running": running})


@page()
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """One job: progress, log, result."""
    found = get_object_or_404(Job, pk=job_id, actor_id=request.user.pk)
    took = (found.finished_at or now()) - found.started_at if found.started_at else None
    template = "platform/_job.html" if request.headers.get("HX-Request") else "platform/job.html"
    return render(request, template, {"job": found, "took": took})


@page(methods=("POST",))
def cancel_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop; it stops at its next step."""
    jobs.cancel(viewer_of(request).user.pk, job_id)
    return go(request, back(request))


@page(PUBLIC)
def manifest(request: HttpRequest) -> JsonResponse:
    """The scan app's manifest, so that a phone can install it."""
    icons = [
        {"src": static(f"icons/scan-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)
    ]
    body = {
        "name": "Flowrack scan", "short_name": "Scan", "start_url": "/scan", "scope": "/scan", "display": "standalone",
        "background_color": "#fbfcfc", "theme_color": "#00626a", "icons": icons,
    }  # fmt: skip
    return JsonResponse(body, content_type="application/manifest+json")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404; to the API's callers as a problem document."""
    if request.path.startswith("/api/"):
        from flowrack.platform.apiroot import no_address  # ninja takes half a second, which pages need not wait for

        return no_address(request.path)
    return render(request, "platform/not_found.html", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 from Django itself."""
    return refused(request, NotPermitted("You may not open this.", fix="Ask an administrator."))


def failed(request: HttpRequest) -> HttpResponse:
    """500: what failed, what is kept, what next. Draws without database and session, since those may be what failed."""
    number = faults.logged(request, "page_error")
    return HttpResponse(get_template("platform/failed.html").render({"number": number}), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was drawn before signing in or too long ago."""
    return render(request, "platform/stale_form.html", status=403)


NAV = [NavItem("Work", "Jobs", "jobs", order=900)]
