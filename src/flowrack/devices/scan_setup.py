"""The device's own pages: what works without the house (the shell), signing in, setting up, the sheet of codes."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import path

from flowrack.devices import commands, queries, queries_people
from flowrack.devices.drawing import COMMANDS, DIGITS, TEST_CODES, drawn
from flowrack.devices.types import StoreTest, UnknownDevice
from flowrack.platform import sessions
from flowrack.platform.http import DEVICE_HEADER
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import PUBLIC, page
from flowrack.platform.web.render import context_of
from flowrack.platform.web.viewer import viewer_of

# What the app needs to start without the house, kept on the device by its worker.
SHELL, SHELL_PAGE = "/scan/offline", "scan/offline.html"
FILES = [
    *("css/look.css", "css/scan.css", "fonts/inter-latin-opsz-normal.woff2", "icons/scan.svg"),
    *(
        f"js/{name}.js"
        for name in (
            "offline",
            "offline-pick",
            "offline-putaway",
            "offline-refill",
            "offline-count",
            "offline-load",
            "offline-start",
            "draw",
            "store",
            "device",
            "work",
            "feedback",
            "wedge",
            "orders",
            "camera",
        )
    ),
    *("js/gs1.js", "js/gs1-checks.js", "js/gs1-dictionary.js"),
]


@lru_cache(maxsize=1)
def version() -> str:
    """The version of the app: a digest of all that it consists of, so that a device sees a new one."""
    digest = hashlib.sha256()
    for name in [*FILES, "js/worker.js"]:
        digest.update(Path(str(finders.find(name))).read_bytes())
    digest.update(render_to_string(SHELL_PAGE, {"app": ""}).encode())
    return digest.hexdigest()[:10]


@page(PUBLIC, methods=("GET", "HEAD"))
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of what it keeps: a change of any file makes another worker."""
    known = {"version": version(), "shell": SHELL, "files": [static(name) for name in FILES]}
    code = Path(str(finders.find("js/worker.js"))).read_text()
    response = HttpResponse(f"const APP = {json.dumps(known)};\n{code}", content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/scan"
    response["Cache-Control"] = "no-cache"
    return response


@page(PUBLIC, methods=("GET", "HEAD"))
def shell(request: HttpRequest) -> HttpResponse:
    """The app without the house: the same bytes for everybody, so that a device may keep them."""
    response = render(request, "scan/offline.html", {"app": version()})
    response["Cache-Control"] = "no-cache"
    return response


@page(PUBLIC, methods=("GET", "HEAD"))
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Scan the badge, type the PIN; on an enrolled device only."""
    wanted = request.GET.get("next", "/scan")
    is_ours = wanted.startswith("/scan") and not urlsplit(wanted).netloc
    again = sessions.person_to_ask_again(request)
    return render(
        request,
        "scan/sign_in.html",
        {
            "next": wanted if is_ours else "/scan",
            "again": queries_people.names([again]).get(again, ""),
            "again_id": again,
        },
    )


@page("devices.use", methods=("GET", "HEAD"))
def setup(request: HttpRequest) -> HttpResponse:
    """Set a device up: enrol it, try the scanner, hear the tones."""
    return render(request, "scan/setup.html", {"codes": [(code, label) for code, label, _ in TEST_CODES]})


@page("devices.use", methods=("GET", "HEAD"))
def sheet(request: HttpRequest) -> HttpResponse:
    """The sheet of command codes and of the ten test codes, to print."""
    return render(
        request,
        "scan/sheet.html",
        {
            "commands": [(drawn(code), label, note) for code, label, note in COMMANDS],
            "digits": [(drawn(code), label) for code, label, _ in DIGITS],
            "tests": [(drawn(code, kind), code, label) for code, label, kind in TEST_CODES],
            "who": viewer_of(request).user,
        },
    )


@page("devices.use", methods=("POST",))
def tested(request: HttpRequest) -> HttpResponse:
    """Keep what the ten codes showed of this device's scanner."""
    device = queries.by_code(request.headers.get(DEVICE_HEADER, "")[:20])
    if device is None:
        raise UnknownDevice("The house does not know this device.", fix="Enrol it first.")
    passed, faults = read_id(request.POST.get("passed", "0")), request.POST.get("faults", "")
    commands.store_test(context_of(request), StoreTest(device.id, passed, faults))
    return HttpResponse(status=204)


SETUP_URLS = [
    path("scan/worker.js", worker, name="scan_worker"),
    path("scan/offline", shell, name="scan_offline"),
    path("scan/sign-in", sign_in_page, name="scan_sign_in"),
    path("scan/device", setup, name="scan_device"),
    path("scan/device/tested", tested, name="device_tested"),
    path("scan/sheet", sheet, name="scan_sheet"),
]
