"""Security headers on every answer: a strict content policy without inline script or style, and no caching of pages.

And how long the server took for it, which a browser's network panel shows; the short way for requests with an API
token, past what only browsers need; the clock by which pages are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.core.exceptions import DisallowedHost
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from flowrack.platform.http import bearer_of
from flowrack.platform.web import clock
from flowrack.platform.web.viewer import use_clock, viewer_of

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)


# The scan app reads barcodes from the camera with a module of its own: it may compile that, and nothing else.
SCAN_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


class SecurityHeaders:
    """Adds what Django's own middleware does not: CSP, Permissions-Policy, CORP and no-store for signed-in pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        headers = response.headers
        is_scan = request.path == "/scan" or request.path.startswith("/scan/")
        headers.setdefault("Content-Security-Policy", SCAN_POLICY if is_scan else POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        camera = "camera=(self)" if is_scan else "camera=()"
        headers.setdefault("Permissions-Policy", f"{camera}, geolocation=(), microphone=(), payment=(), usb=()")
        is_static = request.path.startswith("/static/")
        if not is_static:
            headers.setdefault("Cache-Control", "no-store")
            headers["Server-Timing"] = f"app;dur={1000 * (time.perf_counter() - begun):.1f}"
        return response


class TokenRequests:
    """A request with an API token goes straight to its endpoint, whose gate knows the token: no session, CSRF token,
    messages or page can matter to it. What it skips stands behind it in the settings' list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The endpoint's answer; an address that is none, or of another host, is left to the pages to refuse."""
        if not request.path_info.startswith("/api/") or bearer_of(request) is None:
            return self.get_response(request)
        try:
            request.get_host()
            match = resolve(request.path_info)
        except (DisallowedHost, Resolver404):
            return self.get_response(request)
        request.resolver_match = match
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response


class SiteClock:
    """Pages are drawn by the clock of the site at which the person works; the API stays in UTC. Stands behind the gate,
    which finds out who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; no clock goes on to the next request of this thread."""
        with timezone.override(None):
            response = self.get_response(request)
            if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
                chunks = cast(Iterable[bytes], response.streaming_content)
                response.streaming_content = clock.kept(chunks, timezone.get_current_timezone())
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        """Set the clock once it is known that the person may open the page."""
        if not request.path.startswith("/api/") and getattr(request, "flowrack_caller", None) is not None:
            use_clock(viewer_of(request))
