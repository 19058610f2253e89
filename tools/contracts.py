"""An import contract of our own: `X.models` is imported only inside X, so only the ledger can touch ledger tables."""

from __future__ import annotations

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
