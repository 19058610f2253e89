"""A process answers pages before it has built the API, and the API whenever somebody asks for it."""

from __future__ import annotations

import subprocess
import sys
import threading

from django.http import HttpResponse
from django.urls import URLResolver, get_ns_resolver, path
from django.urls.resolvers import RegexPattern

from flowrack.config.late import LateResolver


def view(request: object) -> HttpResponse:
    return HttpResponse()


def resolvers(built: list[int]) -> tuple[URLResolver, LateResolver]:
    def build() -> list[object]:
        built.append(1)
        return [path("items", view, name="items")]

    late = LateResolver("api/v1/", build, namespace="api")
    return URLResolver(RegexPattern(r"^/"), [late, path("page", view, name="page")]), late


def test_pages_are_found_and_named_without_building_the_api():
    built: list[int] = []
    root, _ = resolvers(built)
    assert root.resolve("/page").url_name == "page"
    assert root.reverse("page") == "page"
    assert built == []


def test_the_api_is_built_once_by_those_who_ask_at_the_same_time():
    built: list[int] = []
    root, _ = resolvers(built)
    names: list[str | None] = []
    threads = [threading.Thread(target=lambda: names.append(root.resolve("/api/v1/items").view_name)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == ["api:items"] * 8 and built == [1]


def test_a_name_of_the_api_is_found_after_pages_were_named():
    built: list[int] = []
    root, late = resolvers(built)
    root.reverse("page")
    prefix, found = root.namespace_dict["api"]
    assert found is late
    assert get_ns_resolver(prefix, late, ()).reverse("items") == "api/v1/items"


def test_the_web_server_starts_without_the_api_and_then_has_it():
    """In a process of its own: here others have long asked for the API."""
    program = (
        "import sys, flowrack.config.wsgi, flowrack.config.urls as urls;"
        "print('flowrack.config.api' in sys.modules, len(urls.API.url_patterns) > 150)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
