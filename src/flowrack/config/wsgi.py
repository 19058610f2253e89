"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from flowrack.config.late import LateResolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowrack.config.settings")
application = get_wsgi_application()
# Django would load the pages with the first request of each process: seconds for whoever sends it. The API follows.
for part in get_resolver().url_patterns:
    if isinstance(part, LateResolver):
        part.build_soon()
