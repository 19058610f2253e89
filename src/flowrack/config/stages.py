"""Finds the edges of every stage by their file name, so that adding a stage needs no wiring by hand."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

from django.conf import settings


def edges(name: str) -> Iterator[tuple[str, ModuleType]]:
    """(stage, module) for each stage that has the edge `name`: api, pages, scan, subscribers, cli."""
    for stage in settings.STAGES:
        path = f"flowrack.{stage}.{name}"
        if importlib.util.find_spec(path):
            yield stage, importlib.import_module(path)
