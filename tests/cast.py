"""The named cast of the tests: one person per role, and Eve, who is nobody.

`ctx(BO)` is Bo's context for a command; `signed_in(BO)` a browser in which Bo is signed in; `bearer(BO)` the headers
of an API request with a token of his. People are made on first use, so that every test starts from an empty house.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.test import Client

from flowrack.platform import sql
from flowrack.platform.models import ApiToken, User
from flowrack.platform.permissions import grants_of
from flowrack.platform.roles import sync_roles
from flowrack.platform.runner import Context

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Person:
    """Somebody in the tests: a sign-in name and the roles held at every site."""

    username: str
    full_name: str
    roles: tuple[str, ...]

    @property
    def id(self) -> int:
        """The person's user id; made when first asked for."""
        return user_id(self)


ADA = Person("ada", "Ada Manager", ("warehouse_manager",))
BO = Person("bo", "Bo Receiver", ("receiver",))
CY = Person("cy", "Cy Picker", ("picker",))
DI = Person("di", "Di Buyer", ("buyer",))
ED = Person("ed", "Ed Purchasing", ("purchasing_manager",))
FAY = Person("fay", "Fay Inspector", ("qc_inspector",))
GUS = Person("gus", "Gus Packer", ("packer",))
HAL = Person("hal", "Hal Inventory", ("inventory_controller",))
IDA = Person("ida", "Ida Counts", ("count_supervisor",))
JO = Person("jo", "Jo Returns", ("returns_clerk",))
KIM = Person("kim", "Kim Service", ("customer_service",))
LOU = Person("lou", "Lou Sales", ("sales_manager",))
MAY = Person("may", "May Planner", ("planner",))
NED = Person("ned", "Ned Clerk", ("finance_clerk",))
OZ = Person("oz", "Oz Controller", ("finance_controller",))
PAM = Person("pam", "Pam Steward", ("data_steward",))
QUIN = Person("quin", "Quin Admin", ("admin",))
RAY = Person("ray", "Ray Auditor", ("auditor",))
ROB = Person("rob", "Rob Robot", ("integration",))
EVE = Person("eve", "Eve Outsider", ())

CAST = (ADA, BO, CY, DI, ED, FAY, GUS, HAL, IDA, JO, KIM, LOU, MAY, NED, OZ, PAM, QUIN, RAY, ROB, EVE)


def user_id(person: Person, *, site_id: int = 0) -> int:
    """The id of the person, who is made with the roles (at the site; 0 is every site) when missing."""
    found = sql.fetch_value("SELECT id FROM platform_user WHERE username = %s", (person.username,))
    if found is None:
        if not sql.fetch_value("SELECT EXISTS (SELECT FROM platform_role WHERE code = 'system')"):
            sync_roles()
        found = sql.fetch_value(
            """
            INSERT INTO platform_user (username, password, full_name, email, is_active)
            VALUES (%s, '!', %s, '', true) RETURNING id
            """,
            (person.username, person.full_name),
        )
        sql.execute(
            """
            INSERT INTO platform_userrole (user_id, role_id, site_id)
            SELECT %s, id, %s FROM platform_role WHERE code = ANY(%s::text[])
            """,
            (found, site_id, list(person.roles)),
        )
    return int(found)


def ctx(person: Person, key: str | None = None, *, now: datetime = NOW, device: str = "test") -> Context:
    """The person's context for one command; a new key unless one is given."""
    actor_id = user_id(person)
    return Context(
        actor_id=actor_id, key=uuid4().hex if key is None else key, now=now, grants=grants_of(actor_id), device=device
    )


def signed_in(person: Person, **client: object) -> Client:
    """A browser in which the person is signed in."""
    browser = Client(**client)  # type: ignore[arg-type]
    browser.force_login(User.objects.get(pk=user_id(person)))
    return browser


def bearer(person: Person, *, scopes: list[str] | None = None, site_ids: list[int] | None = None) -> dict[str, str]:
    """Headers of an API request with a token of the person: `client.post(url, ..., headers=bearer(ROB))`."""
    public_id, secret = uuid4().hex[:12], uuid4().hex
    text = f"frk_{public_id}_{secret}"
    ApiToken.objects.create(
        user_id=user_id(person),
        name="test",
        public_id=public_id,
        digest=hashlib.sha256(text.encode()).digest(),
        scopes=scopes or [],
        site_ids=site_ids or [],
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
    return {"Authorization": f"Bearer {text}", "Idempotency-Key": uuid4().hex}
