"""The API's description: each schema has a name of its own, so that every route is described by its own types.

Stages name their schemas as they please; many have a `ReleaseIn` or a `DecideIn`. In the description a schema is named
by its stage and its class, `DockAsnIn`, whatever other stages have. A class that requests and answers share, and that
reads otherwise than it is written (fields with a default are always answered), is `...AsRead` in answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema
from pydantic.json_schema import CoreModeRef, DefsRef, JsonSchemaMode

PREFIX = REF_TEMPLATE.format(model="")
READ = "~read"
NUMBER = re.compile(r":\d+")  # pydantic's mark of the very class, at the end of its name


class TwoOfOneName(Exception):
    """Two schemas of one stage have the same class name; one of them must be renamed."""


class _WholeNames(NinjaGenerateJsonSchema):
    """Schemas keep the full name of their class and the direction, so that two are never taken for one."""

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        core_ref, mode = core_mode_ref
        name = DefsRef(core_ref + (READ if mode == "serialization" else ""))
        self._prioritized_defsref_choices[name] = [name]  # pydantic shortens no name that has one choice
        return name


class _Described:
    """A model of ninja's whose description has whole names; everything else is the model's own."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def model_json_schema(self, **options: Any) -> dict[str, Any]:
        """As pydantic gives it, with whole names."""
        whole: dict[str, Any] = self._model.model_json_schema(**{**options, "schema_generator": _WholeNames})
        return whole


def described(model: Any) -> Any:
    """The model, describing itself with whole names; Any, as ninja wants a model's very class."""
    return _Described(model)


class Description(OpenAPISchema):
    """The OpenAPI document of the whole API."""

    def __init__(self, api: Any, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        names = short_names(self.schemas)
        renamed = {names[whole]: _renamed(schema, names) for whole, schema in self.schemas.items()}
        self["paths"] = _renamed(self["paths"], names)
        self["components"] = {**self["components"], "schemas": dict(sorted(renamed.items()))}

    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        return super()._extract_parameters(described(model))

    def _create_schema_from_model(
        self, model: Any, by_alias: bool = True, remove_level: bool = True, mode: JsonSchemaMode = "validation"
    ) -> tuple[dict[str, Any], bool]:
        return super()._create_schema_from_model(described(model), by_alias, remove_level, mode)


def short_names(schemas: dict[str, Any]) -> dict[str, str]:
    """The name in the description of every whole name."""
    differ = _read_otherwise(schemas)
    names: dict[str, str] = {}
    owner: dict[str, str] = {}
    for whole, schema in schemas.items():
        cls = whole.removesuffix(READ)
        name = _named(cls, schema) + ("AsRead" if whole.endswith(READ) and cls in differ else "")
        taken = owner.setdefault(name, cls)
        if taken != cls:
            both = " and ".join(NUMBER.sub("", one) for one in (taken, cls))
            raise TwoOfOneName(f"{both} would both be {name} in the API's description. Rename one.")
        names[whole] = name
    return names


def _named(cls: str, schema: Any = None) -> str:
    """`flowrack.dock.api_shapes.AsnIn:123` is DockAsnIn; a `PageOut[AsnOut]` of these is DockAsnOutPageOut."""
    plain, _, argument = NUMBER.sub("", cls).removesuffix("]").partition("[")
    parts = plain.split(".")
    if argument:
        held = (ref for ref in _refs(schema) if NUMBER.sub("", ref).removesuffix(READ).endswith(f".{argument}"))
        return _named(next(held, argument).removesuffix(READ)) + parts[-1]
    return (parts[1].title() if parts[0] == "flowrack" and len(parts) > 2 else "") + parts[-1]


def _read_otherwise(schemas: dict[str, Any]) -> set[str]:
    """The classes that are written and read, and differ: in themselves or in what they hold."""
    both = {whole for whole in schemas if whole + READ in schemas}
    as_written = {whole: whole for whole in both} | {whole + READ: whole for whole in both}
    differ = {whole for whole in both if _renamed(schemas[whole + READ], as_written) != schemas[whole]}
    while more := {
        whole for whole in both - differ if any(ref.removesuffix(READ) in differ for ref in _refs(schemas[whole]))
    }:
        differ |= more
    return differ


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(ref := schema.get("$ref"), str):
            yield ref.removeprefix(PREFIX)
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _refs(part)


def _renamed(schema: Any, names: dict[str, str]) -> Any:
    if isinstance(schema, list):
        return [_renamed(part, names) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _renamed(part, names) for key, part in schema.items()}
    if isinstance(ref := schema.get("$ref"), str):
        whole = ref.removeprefix(PREFIX)
        changed["$ref"] = PREFIX + names.get(whole, whole)
    return changed
