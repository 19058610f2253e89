"""The URL map: every stage's pages and scan screens, and the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from flowrack.config.api import api
from flowrack.config.stages import edges

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    *(pattern for _, module in edges("pages") for pattern in module.urlpatterns),
    *(pattern for _, module in edges("scan") for pattern in module.urlpatterns),
]
