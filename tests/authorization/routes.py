"""Every address of the house with what it declares, read from the URL map itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from flowrack.config.api import api
from flowrack.platform.gate import permission_of_view

API = "/api/v1/"
EXAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-7000-8000-000000000000", "path": "x"}


@dataclass(frozen=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    permission: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _example(route: str) -> str:
    """The address with something in place of each parameter."""
    filled = re.sub(r"<(?:(\w+):)?\w+>", lambda m: EXAMPLES.get(m[1] or "str", "x"), route)
    return re.sub(r"\{(?:(\w+):)?\w+\}", lambda m: EXAMPLES.get(m[1] or "int", "1"), filled)


def pages() -> Iterator[Route]:
    """The pages and scan screens."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif not f"/{route}".startswith(API):
                yield Route("GET", f"/{_example(route)}", permission_of_view(pattern.callback))

    yield from walk(get_resolver().url_patterns, "")


def endpoints() -> Iterator[Route]:
    """The API's endpoints."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    address = f"{API}{bound.prefix.strip('/')}/{path.lstrip('/')}".replace("//", "/")
                    yield Route(method, _example(address), permission_of_view(operation.view_func))
