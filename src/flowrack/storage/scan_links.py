"""How scan flows of transfers are opened: by a link from a transfer's page, and by its number on the start page."""

from __future__ import annotations

from collections.abc import Callable

from django.urls import reverse

from flowrack.platform.web.scan import Visit
from flowrack.platform.web.viewer import Viewer
from flowrack.storage import queries_transfers
from flowrack.storage.types_transfers import TransferRow


def from_link(open_transfer: Callable[[Visit, str], object]) -> Callable[[Visit], None]:
    """A flow that a link from a transfer's page opens at once with that transfer."""

    def start(visit: Visit) -> None:
        number = visit.request.GET.get("transfer", "")
        if number:
            open_transfer(visit, number)

    return start


def by_transfer(page: str, is_meant: Callable[[TransferRow, Viewer], bool]) -> Callable[[str, Viewer], str | None]:
    """A flow that a transfer's number opens when it is scanned on the start page, where the flow is meant for it."""

    def opens(code: str, viewer: Viewer) -> str | None:
        if not code.upper().startswith("TR-"):
            return None
        found = queries_transfers.by_number(code)
        return f"{reverse(page)}?transfer={found.number}" if found and is_meant(found, viewer) else None

    return opens
