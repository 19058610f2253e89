"""Django settings, read from the environment; safe defaults, nothing secret in the repository."""

from __future__ import annotations

import gc
import importlib.util
import os
from pathlib import Path

from flowrack.config.database import database_settings
from flowrack.config.logs import configure as configure_logs
from flowrack.config.secrets import secret_key

PACKAGE_DIR = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("FLOWRACK_HOME", ".flowrack")).resolve()

DEBUG = os.environ.get("FLOWRACK_DEBUG") == "1"
SECRET_KEY = secret_key(HOME)
ALLOWED_HOSTS = os.environ.get("FLOWRACK_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

# A command over 100,000 lines makes a million small objects and no cycles: looking for cycles every 700 of them took
# half of its time.
gc.set_threshold(50_000, 20, 50)

# The stages in the order in which the goods flow; a stage is an app, its edges are found by name.
STAGES = [
    "platform",
    "catalog",
    "locations",
    "parties",
    "walks",
    "labels",
    "carriers",
    "ledger",
    "tasks",
    "approvals",
    "devices",
    "purchasing",
    "dock",
    "inbound",
    "inspection",
    "storage",
    "sales",
    "allocation",
    "promise",
    "replenishment",
    "fulfilment",
    "shipping",
    "freight",
    "waves",
    "returns",
    "counting",
    "costing",
    "planning",
    "compliance",
    "analytics",
    "integrations",
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    *(f"flowrack.{stage}" for stage in STAGES if importlib.util.find_spec(f"flowrack.{stage}.models")),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "flowrack.platform.web.middleware.SecurityHeaders",
    "flowrack.platform.web.middleware.TokenRequests",
    "flowrack.platform.web.compressed.CompressedStatic",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "flowrack.platform.gate.PageGate",
    "flowrack.platform.web.middleware.SiteClock",
    "flowrack.platform.web.links.OpenLinks",
]

ROOT_URLCONF = "flowrack.config.urls"
WSGI_APPLICATION = "flowrack.config.wsgi.application"
AUTH_USER_MODEL = "platform.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": database_settings(HOME)}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "flowrack.platform.web.context.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "flowrack.platform.web.tags"],
        },
    }
]

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files are served straight from the package: nothing to collect, so nothing can be forgotten or stale.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300
MEDIA_ROOT = HOME / "files"

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20  # an ASN of 10,000 lines with every field takes 3 MB
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # a grid of 3,000 lines and some more columns than it has today
DATA_UPLOAD_MAX_NUMBER_FILES = 20

SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "flowrack.platform.web.views.csrf_failed"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
EDI_FOLDERS = os.environ.get("FLOWRACK_EDI_FOLDERS", str(HOME / "edi"))  # customers' folders stand in it
CURRENCY_SYMBOL = os.environ.get("FLOWRACK_CURRENCY", "£")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if os.environ.get("FLOWRACK_HTTPS") == "1":
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True

configure_logs()
