"""`flowrack import agreement-lines` and `confirmations`."""

from __future__ import annotations

from typing import Any

from flowrack.platform.importing import cli
from flowrack.purchasing import commands_agreements, commands_confirmations
from flowrack.purchasing.imports_confirmations import CONFIRMATIONS
from flowrack.purchasing.steps_agreement_import import AGREEMENT_LINES


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, AGREEMENT_LINES, commands_agreements.import_agreement_lines)
    cli.register(subparsers, CONFIRMATIONS, commands_confirmations.import_confirmations)
