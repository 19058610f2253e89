"""What pages say was done: in people's words, for each command that exists."""

import re

from flowrack.config import stages  # noqa: F401 - registers the commands of every stage
from flowrack.platform.runner import REGISTRY
from flowrack.platform.web.said import named, said


def test_names_of_commands_are_said_as_what_was_done():
    assert {name: said(name) for name in (
        "sales.enter_orders", "purchasing.create_po", "purchasing.approve_po", "purchasing.submit_po",
        "dock.create_asns",
        "fulfilment.confirm_picks", "inbound.close_receipt", "shipping.ship_confirm", "locations.build_locations",
        "catalog.import_items", "parties.save_address", "storage.confirm_putaway", "returns.create_rma",
    )} == {
        "sales.enter_orders": "Order entered",
        "purchasing.create_po": "Purchase order created",
        "purchasing.approve_po": "Purchase order approved",
        "purchasing.submit_po": "Approval asked for",
        "dock.create_asns": "ASN created",
        "fulfilment.confirm_picks": "Pick confirmed",
        "inbound.close_receipt": "Receipt closed",
        "shipping.ship_confirm": "Shipped",
        "locations.build_locations": "Locations built",
        "catalog.import_items": "Items imported",
        "parties.save_address": "Address saved",
        "storage.confirm_putaway": "Put away",
        "returns.create_rma": "Return announced",
    }  # fmt: skip


def test_what_a_command_was_about_is_named():
    assert named("purchasing.po:17") == "Purchase order 17"
    assert named("storage.putaway_rules:3") == "Putaway rules 3"
    assert named("") == ""


def test_every_command_has_words_without_a_name_of_the_program():
    odd = {name: said(name) for name in REGISTRY if not re.fullmatch(r"[A-Z][A-Za-z -]{3,40}", said(name))}
    assert odd == {}


def test_no_verb_is_put_into_the_past_as_nobody_says_it():
    """What English forms otherwise, or with a doubled letter: the list of those who would hear it at once."""
    wrong = re.compile(
        r"\b(keeped|choosed|telled|withdrawed|overrided|splited|swaped|sumed|reshoped|canceled|leaved|cutted|bringed|"
        r"buyed|sended|finded|gived|taked|writed|droped|planed|shiped|maked|holded|payed)\b"
    )
    assert {name: said(name) for name in REGISTRY if wrong.search(said(name))} == {}
