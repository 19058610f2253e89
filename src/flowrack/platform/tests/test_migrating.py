"""What Django draws anew while it migrates."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.migrations import AddConstraint, AddField, AlterField, CreateModel
from django.db.migrations.state import ProjectState

from flowrack.platform.migrating import few_models_drawn

MAKE = (
    CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("code", models.TextField())]),
    CreateModel(
        "Box",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("shelf", models.ForeignKey("house.Shelf", on_delete=models.CASCADE, related_name="boxes")),
        ],
    ),
)


def state_after(*operations: Any) -> ProjectState:
    state = ProjectState()
    for operation in MAKE:
        operation.state_forwards("house", state)
    assert state.apps.get_model("house", "Box")
    with few_models_drawn():
        for operation in operations:
            operation.state_forwards("house", state)
    return state


def test_a_constraint_keeps_every_class_and_is_in_its_list() -> None:
    rule = models.CheckConstraint(condition=~models.Q(code=""), name="shelf_has_a_code")
    state = state_after()
    shelf, box = state.apps.get_model("house", "Shelf"), state.apps.get_model("house", "Box")
    with few_models_drawn():
        AddConstraint("Shelf", rule).state_forwards("house", state)
    assert state.apps.get_model("house", "Shelf") is shelf
    assert state.apps.get_model("house", "Box") is box
    assert shelf._meta.constraints == [rule]
    assert state.models["house", "shelf"].options["constraints"] == [rule]


def test_a_new_field_draws_its_own_model_only() -> None:
    state = state_after()
    shelf, box = state.apps.get_model("house", "Shelf"), state.apps.get_model("house", "Box")
    with few_models_drawn():
        AddField("Shelf", "height", models.IntegerField(null=True)).state_forwards("house", state)
    assert state.apps.get_model("house", "Shelf") is not shelf
    assert state.apps.get_model("house", "Shelf")._meta.get_field("height").null
    assert state.apps.get_model("house", "Box") is box


def test_a_migration_of_rows_gets_classes_that_know_each_other() -> None:
    state = state_after(AddField("Shelf", "height", models.IntegerField(null=True)))
    # What RunPython does first.
    state.clear_delayed_apps_cache()
    shelf = state.apps.get_model("house", "Shelf")
    assert state.apps.get_model("house", "Box")._meta.get_field("shelf").related_model is shelf
    assert {relation.name for relation in shelf._meta.related_objects} == {"boxes"}


def test_a_changed_key_draws_what_refers_to_it() -> None:
    state = state_after()
    box = state.apps.get_model("house", "Box")
    with few_models_drawn():
        AlterField("Shelf", "id", models.UUIDField(primary_key=True)).state_forwards("house", state)
    assert state.apps.get_model("house", "Box") is not box
    assert state.apps.get_model("house", "Box")._meta.get_field("shelf").target_field.get_internal_type() == "UUIDField"
