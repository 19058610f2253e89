"""Migrating an empty database in seconds: Django draws only the models anew that a migration changes.

While it migrates, Django holds a class for every model of the moment. Each new model, field, index or constraint makes
it draw that class and all that relate to it again, which for our tables is nine tenths of a migration's time. To change
a table nobody needs the classes around it: a foreign key to a class of before names the same table and the same key. So
the changed model alone is drawn, and for an index or a constraint, which change no field, not even that. The picture is
then marked as delayed, as Django itself does at times: a migration that reads or writes rows gets all drawn afresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.migrations.state import ProjectState

_find_with_relations: Any = getattr(ProjectState, "_find_reload_model")  # noqa: B009 - private, and so unknown to the type stubs


@contextmanager
def few_models_drawn() -> Iterator[None]:
    """Migrations inside this block draw what they change, and not what relates to it."""
    with (
        mock.patch.object(ProjectState, "_append_option", _append_option),
        mock.patch.object(ProjectState, "_find_reload_model", _find_reload_model),
    ):
        yield


def _append_option(state: Any, app_label: str, model_name: str, option_name: str, added: Any) -> None:
    """Add an index or a constraint to a model, and to its class as it is."""
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], added]
    if "apps" in state.__dict__:
        meta = state.apps.get_model(app_label, model_name)._meta
        setattr(meta, option_name, [*getattr(meta, option_name), added])


def _find_reload_model(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
    """Which classes to draw anew when this model changes: its own, unless others may have to follow its key."""
    own = (app_label, model_name)
    if not delay and _changes_key(state, own):
        related: set[tuple[str, str]] = _find_with_relations(state, app_label, model_name, delay)
        return related
    state.is_delayed = True
    return {own}


def _changes_key(state: Any, model: tuple[str, str]) -> bool:
    """Whether the drawn class and the new state of this model differ in the primary key."""
    try:
        drawn = state.apps.get_model(*model)._meta.pk
    except LookupError:
        return False
    key = state.models[model].fields.get(drawn.name)
    return key is None or key.deconstruct()[1:] != drawn.deconstruct()[1:]
