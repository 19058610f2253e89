"""Builders for the tests of parties: a supplier made through the door, and files to import."""

from __future__ import annotations

from tests.cast import PAM, ctx

from flowrack.parties import commands
from flowrack.parties.types import CreateParty, PartyFields, PartySaved, SupplierFields
from flowrack.platform.importing import ImportFile, store_file

ACME = CreateParty("ACME", PartyFields("Acme", "GB", supplier=SupplierFields(lead_time_days=9)))


def acme() -> PartySaved:
    """The supplier Acme."""
    return commands.create_party(ctx(PAM), ACME)


def file_of(text: str) -> ImportFile:
    """A stored file."""
    return ImportFile(store_file(text.encode(), "f.csv"), "f.csv")
