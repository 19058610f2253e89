"""Finds what the stages offer to the shell: the modules `pages` and `scan` of each, by name."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType

from django.conf import settings


def edge_modules(*names: str) -> Iterator[ModuleType]:
    """Each stage's modules of these names, in the order of the flow."""
    for stage in settings.STAGES:
        for name in names:
            path = f"flowrack.{stage}.{name}"
            if importlib.util.find_spec(path):
                yield importlib.import_module(path)
