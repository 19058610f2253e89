"""Security headers on every answer: a strict content policy without inline script or style, and no caching of pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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


class SecurityHeaders:
    """Adds what Django's own middleware does not: CSP, Permissions-Policy, CORP and no-store for signed-in pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        camera = "camera=(self)" if request.path.startswith("/scan") else "camera=()"
        headers.setdefault("Permissions-Policy", f"{camera}, geolocation=(), microphone=(), payment=(), usb=()")
        is_static = request.path.startswith("/static/")
        if not is_static and "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        return response
