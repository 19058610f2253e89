"""The people of a simulated house: one for each role, and the contexts in which they act at a virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime

from django.contrib.auth.hashers import make_password

from flowrack.integrations import steps
from flowrack.platform.permissions import grants_of
from flowrack.platform.roles import ROLES, sync_roles
from flowrack.platform.runner import Context

NAMES = {
    "buyer": "Bea Marlow",
    "purchasing_manager": "Piers Calder",
    "receiver": "Bo Nyman",
    "qc_inspector": "Quentin Abara",
    "picker": "Ana Petrov",
    "packer": "Paz Ortega",
    "inventory_controller": "Ines Holm",
    "count_supervisor": "Casper Lund",
    "returns_clerk": "Rita Fonseca",
    "customer_service": "Cora Whitfield",
    "sales_manager": "Sol Adeyemi",
    "planner": "Cy Tanaka",
    "finance_clerk": "Fay Brandt",
    "finance_controller": "Fergus Doyle",
    "data_steward": "Dara Kelly",
    "warehouse_manager": "Wanda Kovacs",
    "admin": "Ada Sinclair",
    "auditor": "Otto Reyes",
    "integration": "Shop interface",
}


class People:
    """Who acts in which role. Grants are read once: nobody changes them while a simulation runs."""

    def __init__(self, ids: Mapping[str, int], device: str) -> None:
        self.ids = dict(ids)
        self.device = device
        self._grants = {role: grants_of(user_id) for role, user_id in self.ids.items()}

    def on(self, device: str) -> People:
        """The same people with another device."""
        others = copy(self)
        others.device = device
        return others

    def context(self, role: str, key: str, now: datetime) -> Context:
        """A context of the person with this role."""
        return Context(actor_id=self.ids[role], key=key, now=now, grants=self._grants[role], device=self.device)


def hire(device: str, passwords: Mapping[str, str] | None = None) -> People:
    """Make sure that one person of each role exists (username = role), and give them out as People.

    Without passwords they cannot sign in; the sample company gives each one.
    """
    sync_roles()
    rows = [
        (role, NAMES[role], make_password(passwords[role]) if passwords else "!", role)
        for role in ROLES
        if role != "system"
    ]
    return People(steps.ensure_people(rows), device)


def hire_robot(device: str) -> People:
    """The two accounts on whose behalf the command line imports: for orders, and for master data that they need.

    Nobody can sign in to them.
    """
    sync_roles()
    rows = [
        ("integration", NAMES["integration"], "!", "integration"),
        ("import-steward", "Import from the command line", "!", "data_steward"),
    ]
    ids = steps.ensure_people(rows)
    return People({"integration": ids["integration"], "data_steward": ids["import-steward"]}, device)


def hire_importers(device: str) -> People:
    """An account for each role that a purchase history needs, apart, because nobody approves or receives his own order.

    Nobody can sign in to them.
    """
    sync_roles()
    roles = ("buyer", "purchasing_manager", "receiver", "inventory_controller", "data_steward")
    rows = [(f"import-{role}", f"Import ({ROLES[role].lower()})", "!", role) for role in roles]
    ids = steps.ensure_people(rows)
    return People({role: ids[f"import-{role}"] for role in roles}, device)
