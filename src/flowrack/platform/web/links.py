"""Links lead only where the viewer may go: what a page names stays, the way to a closed page is taken away.

A page draws its links without asking who looks; what the viewer's permissions do not open is found here, once for all
pages, in the finished HTML. A link in a text or a table loses its address and stays as text, or as what its `data-else`
says: who may instead. A link drawn as a button or a menu entry, and a fragment that loads by itself, are nothing
without their address and go. Forms are for the page to leave out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, get_urlconf, resolve

from flowrack.platform.gate import permission_of_view
from flowrack.platform.http import OPEN
from flowrack.platform.web.viewer import Viewer, viewer_of

ADDRESS = re.compile(r'(?:href|hx-get)="(/[^"?#]*)')
LINK = re.compile(r'<a\b([^>]*?)\shref="(/[^"?#]*)[^"]*"([^>]*)>(.*?)</a>', re.DOTALL)
LOADED = re.compile(r'<(div|span)\b[^>]*?\shx-get="(/[^"?#]*)[^>]*></\1>', re.DOTALL)
BUTTON = re.compile(r'\bclass="(?:[^"]*\s)?(?:btn|menu-i)\b|\bdata-key=')
ELSE = re.compile(r'\sdata-else="([^"]*)"')
KEYED = re.compile(r'\s(?:tabindex|hx-[a-z-]+|download)(?:="[^"]*")?')
NUMBER = re.compile(r"\d+")


def may_open(viewer: Viewer, address: str) -> bool:
    """Whether the viewer holds the permission that the page at this address declares (at some site)."""
    permission = _permission_at(NUMBER.sub("1", address.partition("?")[0]), get_urlconf())
    return permission == OPEN or viewer.may(permission)


@lru_cache(maxsize=4096)
def _permission_at(path: str, urlconf: str | None) -> str:
    """What the page declares; addresses of no page, and of the API with its own gate, are open."""
    try:
        view = resolve(path, urlconf).func
    except Resolver404:
        return OPEN
    permission = permission_of_view(view)
    return OPEN if permission is None else permission


def only_open(html: str, viewer: Viewer) -> str:
    """The page without the ways to what the viewer may not open."""
    closed = {address for address in set(ADDRESS.findall(html)) if not may_open(viewer, address)}
    if not closed:
        return html

    def link(found: re.Match[str]) -> str:
        before, address, after, text = found.groups()
        if address not in closed:
            return found[0]
        attributes = before + after
        said = ELSE.search(attributes)
        if said:
            return f"<span>{said[1]}</span>"
        return "" if BUTTON.search(attributes) else f"<a{KEYED.sub('', attributes)}>{text}</a>"

    return LINK.sub(link, LOADED.sub(lambda found: "" if found[2] in closed else found[0], html))


class OpenLinks:
    """Middleware: `only_open` for every page and fragment of a signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        viewer = viewer_of(request)
        if viewer.is_signed_in:
            drawn = response.content.decode(response.charset)
            response.content = only_open(drawn, viewer)
        return response
