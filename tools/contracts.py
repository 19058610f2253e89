"""Import contracts of our own, which know a layer by its files: `commands`, `commands_rules` and `commands/` alike.

`own`: `X.models` is imported only inside X, so only the ledger can touch ledger tables. `protected_files`: a layer is
imported only by the layers that are named. `file_layers`: inside a stage, imports point down, whatever a file's suffix.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grimp
from importlinter import Contract, ContractCheck, fields, output


class OwnModelsContract(Contract):
    """Every stage's models belong to that stage alone."""

    type_name = "own"

    root = fields.StringField()
    broken_contract_guidance = fields.TextField(required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        strangers = []
        for stage in sorted(graph.find_children(str(self.root))):
            models = f"{stage}.models"
            if models not in graph.modules:
                continue
            for importer in sorted(graph.find_modules_that_directly_import(models)):
                if not importer.startswith(f"{stage}.") and ".tests." not in importer:
                    details = graph.get_import_details(importer=importer, imported=models)
                    strangers.append((importer, models, [detail["line_number"] for detail in details]))
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        metadata: dict[str, Any] = check.metadata
        for importer, models, lines in metadata["strangers"]:
            output.print_error(f"{importer} imports {models} (line {', '.join(map(str, lines))})")


def layer_of(module: str, names: list[str]) -> str:
    """The layer among `names` to which a module of a stage belongs: by its file or folder, `name` or `name_suffix`."""
    parts = module.split(".")[2:3]
    return next((name for part in parts for name in names if part == name or part.startswith(f"{name}_")), "")


def stage_of(module: str) -> str:
    """`flowrack.storage.commands_rules` is of flowrack.storage."""
    return ".".join(module.split(".")[:2])


def same_files(one: str, other: str) -> bool:
    """Whether two modules are one file or lie in the same folder of a stage, such as `commands/`."""
    return one.split(".")[:3] == other.split(".")[:3]


class _FilesContract(Contract):  # type: ignore[misc]
    """What the contracts over file names share: they collect imports and print them."""

    root = fields.StringField()
    broken_contract_guidance = fields.TextField(required=False)

    def offences(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        """(importer, imported) that the contract forbids."""
        raise NotImplementedError

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        found = []
        for importer, imported in self.offences(graph):
            details = graph.get_import_details(importer=importer, imported=imported)
            found.append((importer, imported, [detail["line_number"] for detail in details]))
        return ContractCheck(kept=not found, metadata={"strangers": found})

    render_broken_contract = OwnModelsContract.render_broken_contract


def _imports(graph: grimp.ImportGraph, root: str) -> Iterator[tuple[str, str]]:
    """Every import between modules of the house, tests left out, in order."""
    for importer in sorted(graph.modules):
        if importer.startswith(f"{root}.") and ".tests" not in importer:
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                yield importer, imported


class ProtectedFilesContract(_FilesContract):
    """Files of these layers are imported only by files of the allowed layers and by the allowed packages."""

    type_name = "protected_files"

    layers = fields.ListField(subfield=fields.StringField())
    allowed_layers = fields.ListField(subfield=fields.StringField(), required=False)
    allowed_packages = fields.ListField(subfield=fields.StringField())
    left_out = fields.ListField(subfield=fields.StringField(), required=False)  # files that only look like the layer
    is_open_within_stage = fields.BooleanField(required=False, default=False)

    def offences(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        allowed = [str(name) for name in self.allowed_layers or []]
        left_out = {str(name) for name in self.left_out or []}
        packages = tuple(f"{name}." for name in self.allowed_packages)
        return [
            (importer, imported)
            for importer, imported in _imports(graph, str(self.root))
            if layer_of(imported, list(self.layers))
            and imported.rpartition(".")[2] not in left_out
            and not same_files(importer, imported)
            and not layer_of(importer, allowed)
            and not f"{importer}.".startswith(packages)
            and not self._is_of_one_edge(importer, imported)
        ]

    def _is_of_one_edge(self, importer: str, imported: str) -> bool:
        """An edge may be several files: `api` gathers `api_rules`. Commands may not."""
        names = list(self.layers)
        of_one = stage_of(importer) == stage_of(imported) and layer_of(importer, names) == layer_of(imported, names)
        return bool(self.is_open_within_stage) and of_one


class FileLayersContract(_FilesContract):
    """Inside a stage a file imports only files of its own layer or of lower ones; pure layers know no framework."""

    type_name = "file_layers"

    layers = fields.ListField(subfield=fields.StringField())  # from the top; "a | b" are one level
    pure = fields.ListField(subfield=fields.StringField())
    unknown_to_pure = fields.ListField(subfield=fields.StringField())

    def offences(self, graph: grimp.ImportGraph) -> list[tuple[str, str]]:
        levels = {name.strip(): n for n, line in enumerate(self.layers) for name in str(line).split("|")}
        names, pure = list(levels), [str(name) for name in self.pure]
        found = []
        for importer, imported in _imports(graph, str(self.root)):
            above, below = layer_of(importer, names), layer_of(imported, names)
            is_inside = above and below and stage_of(importer) == stage_of(imported)
            is_upward = is_inside and levels[above] > levels[below]
            if is_upward or (layer_of(importer, pure) and self._is_unknown_to_pure(imported)):
                found.append((importer, imported))
        return found

    def _is_unknown_to_pure(self, module: str) -> bool:
        return any(f"{module}.".startswith(f"{name}.") for name in self.unknown_to_pure)
