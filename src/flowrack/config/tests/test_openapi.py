"""The API's description tells the truth: every route is described by its own types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from ninja.constants import NOT_SET
from ninja.schema import NinjaGenerateJsonSchema
from tests.cast import BO, PAM, signed_in

from flowrack.config.api import api
from flowrack.platform.openapi import TwoOfOneName, short_names

DESCRIBED = api.get_openapi_schema(path_prefix="")


def inlined(schema: Any, definitions: dict[str, Any], inside: tuple[str, ...] = ()) -> Any:
    """The schema with what its references mean in their place; a type inside itself stays a mark."""
    if isinstance(schema, list):
        return [inlined(part, definitions, inside) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in inside:
            return {"again": len(inside) - inside.index(name)}
        return inlined(definitions[name], definitions, (*inside, name))
    return {key: inlined(part, definitions, inside) for key, part in schema.items() if key != "$defs"}


def own(model: Any, mode: Any) -> Any:
    """What the type itself says, apart from all others."""
    whole = model.model_json_schema(schema_generator=NinjaGenerateJsonSchema, mode=mode)
    plain = inlined(whole, whole.get("$defs", {}))
    return next(iter(plain["properties"].values())) if len(plain["properties"]) == 1 else plain


def operations() -> Iterator[tuple[str, Any, Any]]:
    """Every operation: its name, itself, what the description says."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    place = "/" + path.strip("/")
                    for kind in ("int", "str", "path"):
                        place = place.replace("{" + kind + ":", "{")
                    yield f"{method} {place}", operation, DESCRIBED["paths"][place][method.lower()]


def test_each_request_and_each_answer_is_described_by_the_routes_own_type():
    schemas = DESCRIBED["components"]["schemas"]
    untrue = []
    compared = 0
    for name, operation, told in operations():
        bodies = [model for model in operation.models if model.__ninja_param_source__ == "body"]
        for model in bodies:
            [content] = told["requestBody"]["content"].values()
            compared += 1
            if inlined(content["schema"], schemas) != own(model, "validation"):
                untrue.append(f"{name}: request")
        for status, model in operation.response_models.items():
            if model not in (None, NOT_SET):
                [content] = told["responses"][status]["content"].values()
                compared += 1
                if inlined(content["schema"], schemas) != own(model, "serialization"):
                    untrue.append(f"{name}: answer {status}")
    assert untrue == []
    assert compared > 350


def test_each_reference_leads_somewhere_and_names_are_plain_words():
    schemas = DESCRIBED["components"]["schemas"]
    assert inlined(DESCRIBED["paths"], schemas)
    assert [name for name in schemas if not name.isidentifier()] == []
    pages = {"ApprovalsRequestOutPageOut", "AllocationRequestOutPageOut"}
    assert (
        pages | {"DockAsnIn", "InboundAsnIn", "TasksReleaseIn", "StorageReleaseIn", "FulfilmentReleaseIn"}
        <= schemas.keys()
    )


def test_a_type_that_is_written_and_read_has_two_names_only_where_it_reads_otherwise():
    names = short_names(
        {
            "flowrack.dock.api.HoursOut:7": {"required": []},
            "flowrack.dock.api.HoursOut:7~read": {"required": ["opens"]},
            "flowrack.dock.api.Kind:8": {"enum": [1]},
            "flowrack.dock.api.Kind:8~read": {"enum": [1]},
        }
    )
    assert list(names.values()) == ["DockHoursOut", "DockHoursOutAsRead", "DockKind", "DockKind"]


def test_two_types_of_one_stage_may_not_have_one_name():
    with pytest.raises(TwoOfOneName, match=r"flowrack\.dock\.api\.A and flowrack\.dock\.shapes\.A would both be DockA"):
        short_names({"flowrack.dock.api.A:1": {}, "flowrack.dock.shapes.A:2": {}})


@pytest.mark.django_db
def test_the_served_document_says_what_a_delivery_without_an_order_needs(client: Client):
    served = signed_in(BO).get("/api/v1/openapi.json").json()
    body = served["paths"]["/api/v1/receipts/blind"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/InboundBlindIn"}
    assert "location_id" in served["components"]["schemas"]["InboundBlindIn"]["properties"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("items", {"sku": "CUP", "item": {"name": "Cup", "colour": "red"}}),
        ("parties", {"code": "X", "party": {"name": "X", "colour": "red"}}),
    ],
)
def test_a_request_that_is_a_plain_dataclass_refuses_a_field_that_it_does_not_know(path: str, body: dict[str, Any]):
    headers = {"Idempotency-Key": "k"}
    answer = signed_in(PAM).post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
    assert answer.status_code == 422
    assert "colour" in [error["field"].split(".")[-1] for error in answer.json()["errors"]]
