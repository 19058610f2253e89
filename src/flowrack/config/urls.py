"""The URL map: every stage's pages and scan screens, and the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from flowrack.config.api import api
from flowrack.config.stages import edges
from flowrack.platform.web.urls import urlpatterns as shell_urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    *shell_urls,
    *(pattern for _, module in edges("pages") for pattern in module.urlpatterns),
    *(pattern for _, module in edges("scan") for pattern in module.urlpatterns),
]

handler403 = "flowrack.platform.web.views.forbidden"
handler404 = "flowrack.platform.web.views.not_found"
handler500 = "flowrack.platform.web.views.failed"
