"""Who may open a page: `@page(permission="sales.view")` on every view.

The decorator declares the permission for the gate (flowrack.platform.gate), which checks it before the view runs and
which the authorization matrix reads. Without a permission the page is open to every signed-in person; `PUBLIC` opens
it to anybody. A refusal that the view did not catch becomes a page with the refusal's status.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from flowrack.platform.http import OPEN, SIGNED_IN
from flowrack.shared.errors import FlowrackError

View = Callable[..., HttpResponse]
PUBLIC = OPEN


def page(permission: str = SIGNED_IN, *, methods: tuple[str, ...] = ("GET", "HEAD", "POST")) -> Callable[[View], View]:
    """Make a view a page of the shell; see the module's text."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                return view(request, *args, **kwargs)
            except FlowrackError as refusal:
                return refused(request, refusal)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


def refused(request: HttpRequest, refusal: FlowrackError) -> HttpResponse:
    """A refusal that no form could show: a page with its sentence, its lines and its way out."""
    template = "platform/_refusal.html" if request.headers.get("HX-Request") else "platform/refusal.html"
    return render(request, template, {"refusal": refusal, "back": _came_from(request)}, status=refusal.status)


def _came_from(request: HttpRequest) -> str:
    """The page of ours on which the button stood; empty when it is not known, or is this very one."""
    came = urlsplit(request.headers.get("Referer", ""))
    if (
        came.netloc != request.get_host()
        or came.path == request.path
        or came.path[:1] != "/"
        or came.path[:2] in ("//", "/\\")
    ):
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path
