"""Putting EDI 856 into the folders of customers, outside of transactions; a command then keeps what came of it.

A file appears whole: it is written under another name beside its place, and renamed. The same message has the same
name, so that a try that was cut off after the renaming writes the same file once more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from flowrack.shipping import rules_messages
from flowrack.shipping.queries_sending import SendingRow
from flowrack.shipping.types_messages import KeepPuts, MessagePut


def put(messages: Sequence[tuple[SendingRow, str]]) -> KeepPuts:
    """Put each message into its customer's folder; what fails says why, and keeps nobody else."""
    return KeepPuts([MessagePut(row.id, _put(row, content)) for row, content in messages])


def _put(row: SendingRow, content: str) -> str:
    """Why a message is not in its folder; "" when it is."""
    folder = Path(settings.EDI_FOLDERS) / row.folder
    name = rules_messages.file_name(row.shipment, row.control)
    beside = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as out:
            out.write(content.encode("ascii"))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(folder / name)
    except OSError as error:
        return f"The folder {row.folder} cannot be written ({error.strerror or type(error).__name__})."
    return ""
