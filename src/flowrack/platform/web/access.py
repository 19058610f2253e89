"""Who may open a page: `@page(permission="sales.view")` on every view.

The decorator sends a stranger to sign in, shows a page that says who can grant the right (403) to a person without it,
and notes the permission on the view for the authorization matrix.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render

from flowrack.platform.models import Role
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError, NotPermitted

View = Callable[..., HttpResponse]

# Dotted name of the view -> its permission; "" = every signed-in person, "open" = no sign-in needed.
PAGE_PERMISSIONS: dict[str, str] = {}
OPEN = "open"


def page(permission: str = "", *, methods: tuple[str, ...] = ("GET", "HEAD", "POST")) -> Callable[[View], View]:
    """Make a view a page: needs sign-in and the permission; a refusal becomes a page with the refusal's status."""

    def wrap(view: View) -> View:
        name = f"{view.__module__}.{view.__qualname__}"
        PAGE_PERMISSIONS[name] = permission

        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            viewer = viewer_of(request)
            if permission != OPEN:
                if not viewer.is_signed_in:
                    return to_sign_in(request)
                if not viewer.may(permission):
                    return no_permission(request, permission)
            try:
                return view(request, *args, **kwargs)
            except NotPermitted as refusal:
                return no_permission(request, refusal.details.get("permission", permission), refusal.message)
            except FlowrackError as refusal:
                return refused(request, refusal)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the sign-in page, and back afterwards."""
    target = f"{settings.LOGIN_URL}?next={quote(request.get_full_path())}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def no_permission(request: HttpRequest, permission: str, message: str = "") -> HttpResponse:
    """403 that says which right is missing and which roles have it."""
    roles = list(Role.objects.filter(permissions__contains=[permission]).values_list("name", flat=True)[:6])
    context = {"permission": permission, "roles": roles, "message": message}
    return render(request, "platform/no_permission.html", context, status=403)


def refused(request: HttpRequest, refusal: FlowrackError) -> HttpResponse:
    """A refusal that no form could show: a page with its sentence, its lines and its way out."""
    template = "platform/_refusal.html" if request.headers.get("HX-Request") else "platform/refused.html"
    return render(request, template, {"refusal": refusal}, status=refusal.status)
