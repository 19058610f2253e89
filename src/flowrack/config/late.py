"""The API's part of the URL map, built by whoever needs it first, so that pages need not wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import ResolverMatch, RoutePattern

WARM_AFTER_S = 0.5


class LateResolver(URLResolver):
    """The routes that `build` gives, under a prefix and a namespace; building them may take a second."""

    def __init__(self, prefix: str, build: Callable[[], list[URLPattern | URLResolver]], namespace: str) -> None:
        super().__init__(RoutePattern(prefix, is_endpoint=False), [], app_name="ninja", namespace=namespace)
        self._build = build
        self._built: list[URLPattern | URLResolver] | None = None
        self._building = threading.Lock()
        self._found: dict[str, ResolverMatch] = {}

    @property
    def url_patterns(self) -> list[URLPattern | URLResolver]:
        """The routes; those who ask at once wait for one building."""
        if self._built is None:
            with self._building:
                self._built = self._built or self._build()
        return self._built

    def resolve(self, path: Any) -> ResolverMatch:
        """The route of an address. Those without a variable part are remembered: there are some two hundred to try."""
        known = self._found.get(str(path))
        if known is None:
            known = super().resolve(str(path))
            if not known.args and not known.kwargs:
                self._found[str(path)] = known
        return known

    def _populate(self) -> None:
        """Names are looked up in the namespace's own resolver, which builds; the map of the pages asks in vain."""
        if self._built is not None:
            super()._populate()

    def build_soon(self) -> None:
        """Build in a thread, once this process has answered whoever waits for it."""
        timer = threading.Timer(WARM_AFTER_S, lambda: self.url_patterns)
        timer.daemon = True
        timer.start()
