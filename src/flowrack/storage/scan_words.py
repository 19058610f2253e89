"""Words of the scan screens of storage, which the page and the journal of a device share."""

from __future__ import annotations

from datetime import date

from flowrack.platform.web.format import words


def about_goods(lot: str, expires_on: date | None, quality: str) -> str:
    """Lot, date and, where it is not simply good, the condition: "lot L-26, until 30 Jun 2026, Expired"."""
    parts = [f"lot {lot}" if lot else "", f"until {expires_on.day} {expires_on:%b %Y}" if expires_on else ""]
    return ", ".join([part for part in parts if part] + ([words(quality)] if quality != "available" else []))
