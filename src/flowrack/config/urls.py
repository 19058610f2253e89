"""The URL map: every stage's pages and scan screens, and the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from flowrack.config.late import LateResolver
from flowrack.config.stages import edges
from flowrack.platform.web.urls import urlpatterns as shell_urls


def api_urls() -> list[URLPattern | URLResolver]:
    """The API's routes: some two hundred, with their models."""
    from flowrack.config.api import api

    return list(api.urls[0])


API = LateResolver("api/v1/", api_urls, namespace="api")

urlpatterns: list[URLPattern | URLResolver] = [
    API,
    *shell_urls,
    *(pattern for _, module in edges("pages") for pattern in module.urlpatterns),
    *(pattern for _, module in edges("scan") for pattern in module.urlpatterns),
]

handler403 = "flowrack.platform.web.views.forbidden"
handler404 = "flowrack.platform.web.views.not_found"
handler500 = "flowrack.platform.web.views.failed"
