"""The WSGI entry point that granian serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowrack.config.settings")
application = get_wsgi_application()
# Django would load the pages and the API with the first request of each process: seconds for whoever sends it.
get_resolver().url_patterns  # noqa: B018 - reading it loads them
