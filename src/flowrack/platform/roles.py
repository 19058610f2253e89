"""Roles and permissions as data: who may do what, as in the separation-of-duties table.

One line per permission, `stage.verb` -> the codes of the roles that hold it. `auditor` holds every `.view` without
being named. `sync_roles` brings the tables in line; `flowrack migrate`, `serve` and the tests call it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowrack.platform import sql

ROLES: dict[str, str] = {
    "buyer": "Buyer",
    "purchasing_manager": "Purchasing manager",
    "receiver": "Receiver",
    "qc_inspector": "QC inspector",
    "picker": "Picker",
    "packer": "Packer",
    "inventory_controller": "Inventory controller",
    "count_supervisor": "Count supervisor",
    "returns_clerk": "Returns clerk",
    "customer_service": "Customer service",
    "sales_manager": "Sales manager",
    "planner": "Planner",
    "finance_clerk": "Finance clerk",
    "finance_controller": "Finance controller",
    "data_steward": "Data steward",
    "warehouse_manager": "Warehouse manager",
    "admin": "Administrator",
    "auditor": "Auditor",
    "integration": "Integration",
    "system": "Flowrack itself",
}

# The roles of people who work in the house; a plain shorthand for reads that everybody needs.
STAFF = (
    "buyer purchasing_manager receiver qc_inspector picker packer inventory_controller count_supervisor returns_clerk "
    "customer_service sales_manager planner finance_clerk finance_controller data_steward warehouse_manager "
    "integration system"
)
FLOOR = "receiver qc_inspector picker packer inventory_controller count_supervisor returns_clerk warehouse_manager"
# Whose day is on the floor, with a scanner in hand: on a phone they land where they scan.
ON_FOOT = frozenset({"receiver", "qc_inspector", "picker", "packer", "inventory_controller", "returns_clerk"})

PERMISSIONS: dict[str, str] = {
    # platform
    "platform.self": STAFF + " admin auditor",
    "platform.users": "admin",
    "platform.tokens": "admin",
    "platform.audit": "admin auditor finance_controller",
    "platform.jobs": STAFF + " admin auditor",
    "platform.outbox": "admin",
    "platform.photos": "buyer purchasing_manager customer_service finance_clerk finance_controller integration auditor "
    + FLOOR,
    # catalog
    "catalog.view": STAFF,
    "catalog.edit": "data_steward planner warehouse_manager integration",
    "catalog.import": "data_steward integration",
    # locations
    "locations.view": STAFF,
    "locations.edit": "data_steward warehouse_manager",
    # parties
    "parties.view": STAFF,
    "parties.edit": "data_steward",
    # labels
    "labels.view": STAFF,
    "labels.edit": "data_steward customer_service warehouse_manager integration",
    "labels.approve": "data_steward warehouse_manager",
    "labels.print": FLOOR + " integration",
    # carriers: finance approves what others write
    "carriers.view": STAFF,
    "carriers.rates": "planner finance_clerk data_steward warehouse_manager integration",
    "carriers.approve_rates": "finance_controller",
    "carriers.accounts": "data_steward warehouse_manager",
    "carriers.hosts": "admin",
    "carriers.ask": "planner packer data_steward warehouse_manager integration system",
    "carriers.setup": "sales_manager planner data_steward warehouse_manager",
    # walks
    "walks.view": "customer_service planner data_steward integration system " + FLOOR,
    "walks.edit": "data_steward warehouse_manager",
    # ledger
    "ledger.view": STAFF,
    # tasks
    "tasks.view": FLOOR + " system integration",
    "tasks.work": "receiver picker packer inventory_controller warehouse_manager",
    "tasks.manage": "warehouse_manager",
    # approvals: who may decide at all; the policy names the roles that it asks
    "approvals.view": "buyer purchasing_manager qc_inspector inventory_controller count_supervisor customer_service "
    "sales_manager planner finance_clerk finance_controller data_steward warehouse_manager",
    "approvals.decide": "purchasing_manager qc_inspector count_supervisor sales_manager finance_controller "
    "warehouse_manager",
    "approvals.policy": "purchasing_manager sales_manager finance_controller warehouse_manager",
    "approvals.escalate": "system",
    # devices: to drop what was done on the floor, or to touch another's, takes a lead
    "devices.view": "inventory_controller warehouse_manager admin",
    "devices.manage": "warehouse_manager",
    "devices.use": FLOOR,
    "devices.review": FLOOR,
    "devices.decide": "warehouse_manager",
    "devices.badges": "warehouse_manager",
    "devices.sync": "system",
    # purchasing
    "purchasing.view": "buyer purchasing_manager receiver qc_inspector inventory_controller planner finance_clerk "
    "finance_controller warehouse_manager integration system",
    "purchasing.request": "buyer purchasing_manager planner",
    "purchasing.create": "buyer purchasing_manager integration system",
    "purchasing.approve": "purchasing_manager finance_controller",
    "purchasing.agree": "buyer purchasing_manager integration",
    "purchasing.apply": "system",
    "purchasing.confirm": "buyer purchasing_manager integration",
    "purchasing.accept": "buyer purchasing_manager",
    "purchasing.tolerance": "purchasing_manager finance_controller",
    "purchasing.budget": "finance_controller",
    # dock
    "dock.view": "buyer purchasing_manager planner data_steward finance_clerk finance_controller integration system "
    + FLOOR,
    "dock.enter": "buyer purchasing_manager receiver warehouse_manager integration",
    "dock.receive": "receiver warehouse_manager integration",
    "dock.match": "purchasing_manager warehouse_manager system",
    "dock.schedule": "buyer purchasing_manager receiver planner warehouse_manager integration",
    "dock.checkin": "receiver warehouse_manager integration",
    "dock.release": "warehouse_manager system",
    "dock.setup": "data_steward warehouse_manager",
    # inbound
    "inbound.view": "buyer purchasing_manager planner finance_clerk finance_controller integration system " + FLOOR,
    "inbound.receive": "receiver warehouse_manager integration",
    "inbound.apply": "system",
    "inbound.close": "receiver warehouse_manager integration",
    "inbound.reopen": "warehouse_manager",
    "inbound.record": "receiver qc_inspector warehouse_manager integration system",
    "inbound.accept": "purchasing_manager warehouse_manager",
    "inbound.tolerance": "purchasing_manager finance_controller warehouse_manager",
    "inbound.send_back": "returns_clerk inventory_controller warehouse_manager",
    "inbound.policy": "planner warehouse_manager",
    # inspection
    "inspection.view": "buyer purchasing_manager planner customer_service sales_manager finance_controller integration "
    "system " + FLOOR,
    "inspection.open": "system",
    "inspection.inspect": "qc_inspector warehouse_manager",
    "inspection.decide": "qc_inspector warehouse_manager",
    "inspection.hold": "qc_inspector inventory_controller warehouse_manager",
    "inspection.release": "qc_inspector warehouse_manager",
    "inspection.apply": "system",
    "inspection.plan": "qc_inspector purchasing_manager warehouse_manager",
    # storage
    "storage.view": "planner system integration " + FLOOR,
    "storage.plan": "warehouse_manager inventory_controller system",
    "storage.putaway": "receiver picker packer inventory_controller warehouse_manager integration",
    "storage.move": "receiver picker packer inventory_controller warehouse_manager integration",
    "storage.plan_transfers": "planner inventory_controller warehouse_manager integration",
    "storage.cancel_transfers": "planner receiver picker packer inventory_controller warehouse_manager integration",
    "storage.hold": "qc_inspector inventory_controller warehouse_manager",
    "storage.release": "qc_inspector warehouse_manager",
    "storage.apply": "system",
    "storage.adjust": "inventory_controller count_supervisor warehouse_manager",
    "storage.claim": "inventory_controller warehouse_manager",
    "storage.rules": "inventory_controller planner warehouse_manager",
    "storage.approve_rules": "warehouse_manager",
    "storage.open": "inventory_controller finance_controller warehouse_manager",
    "storage.custody": "receiver inventory_controller warehouse_manager integration",
    "storage.custody_rates": "finance_controller sales_manager",
    "storage.statement": "inventory_controller warehouse_manager finance_clerk finance_controller sales_manager "
    "customer_service integration auditor",
    # sales
    "sales.view": "customer_service sales_manager planner packer picker returns_clerk finance_clerk finance_controller "
    "warehouse_manager integration system",
    "sales.enter": "customer_service sales_manager integration",
    "sales.change": "customer_service sales_manager integration system",
    "sales.customer_items": "customer_service sales_manager data_steward integration",
    "sales.override": "sales_manager",
    "sales.lists": "sales_manager planner",
    "sales.see_margin": "sales_manager planner finance_clerk finance_controller auditor",
    "sales.hold": "customer_service sales_manager planner finance_clerk finance_controller warehouse_manager "
    "integration",
    "sales.release_holds": "sales_manager planner finance_clerk finance_controller warehouse_manager",
    "sales.release_quantity": "sales_manager planner",
    "sales.release_address": "sales_manager planner",
    "sales.release_manual": "sales_manager planner finance_controller warehouse_manager",
    "sales.release_credit": "finance_clerk finance_controller",
    "sales.hold_rules": "sales_manager planner finance_controller",
    "sales.credit": "finance_clerk finance_controller",
    "sales.credits": "customer_service sales_manager finance_clerk finance_controller integration auditor",
    "sales.judge": "system",
    # allocation
    "allocation.view": "customer_service sales_manager planner warehouse_manager inventory_controller integration "
    "system",
    "allocation.run": "customer_service sales_manager planner warehouse_manager system",
    "allocation.override": "customer_service sales_manager planner warehouse_manager",
    "allocation.review_overrides": "sales_manager planner warehouse_manager",
    "allocation.cross_dock": "receiver picker packer inventory_controller warehouse_manager integration",
    "allocation.cross_dock_policy": "planner warehouse_manager",
    "allocation.prioritise": "customer_service sales_manager planner warehouse_manager integration",
    "allocation.notify": "customer_service sales_manager",
    "allocation.substitute": "customer_service sales_manager planner integration",
    "allocation.consent": "customer_service sales_manager data_steward integration",
    "allocation.apply": "system",
    "allocation.rules": "planner sales_manager warehouse_manager",
    "allocation.modes": "planner sales_manager warehouse_manager",
    "allocation.end_rules": "sales_manager warehouse_manager",
    "allocation.apply_rules": "system",
    "allocation.follow": "system",
    "allocation.watch": "system",
    "allocation.exceptions": "buyer purchasing_manager customer_service sales_manager planner warehouse_manager "
    "integration system auditor",
    "allocation.settle": "buyer purchasing_manager customer_service sales_manager",
    # promise
    "promise.view": "buyer purchasing_manager customer_service sales_manager planner inventory_controller "
    "warehouse_manager integration system auditor",
    "promise.see_freight": "sales_manager planner warehouse_manager integration",
    "promise.quote": "customer_service sales_manager integration",
    "promise.move": "customer_service sales_manager planner",
    "promise.override": "sales_manager planner warehouse_manager",
    "promise.ask_planner": "customer_service sales_manager integration",
    "promise.answer": "planner warehouse_manager",
    "promise.setup": "planner data_steward warehouse_manager",
    "promise.apply": "system",
    # replenishment
    "replenishment.view": "planner system integration " + FLOOR,
    "replenishment.plan": "warehouse_manager inventory_controller planner system integration",
    "replenishment.carry": "receiver picker packer inventory_controller warehouse_manager integration",
    "replenishment.setup": "inventory_controller planner warehouse_manager",
    "replenishment.slot": "inventory_controller planner warehouse_manager",
    # fulfilment
    "fulfilment.view": "customer_service sales_manager planner picker packer inventory_controller warehouse_manager "
    "integration system",
    "fulfilment.release": "planner warehouse_manager system",
    "fulfilment.end_put_back": "system",
    "fulfilment.ask_put_back": "customer_service sales_manager planner warehouse_manager integration",
    "fulfilment.pick": "receiver picker packer inventory_controller warehouse_manager integration",
    "fulfilment.pack": "packer warehouse_manager integration",
    "fulfilment.accept_weight": "warehouse_manager",
    "fulfilment.setup": "planner data_steward warehouse_manager system",
    # waves
    "waves.view": "customer_service sales_manager planner picker packer inventory_controller warehouse_manager "
    "integration system",
    "waves.plan": "planner warehouse_manager integration",
    "waves.release": "planner warehouse_manager system",
    "waves.people": "planner warehouse_manager",
    "waves.setup": "planner warehouse_manager",
    # shipping
    "shipping.view": "customer_service sales_manager planner picker packer returns_clerk finance_clerk "
    "finance_controller warehouse_manager integration system",
    "shipping.choose": "planner packer warehouse_manager integration system",
    "shipping.override_carrier": "customer_service planner warehouse_manager integration",
    "shipping.ship": "packer warehouse_manager integration",
    "shipping.plan_loads": "planner packer warehouse_manager integration",
    "shipping.load": "packer picker warehouse_manager integration",
    "shipping.prove": "packer customer_service sales_manager warehouse_manager integration",
    "shipping.notices": "customer_service sales_manager data_steward integration system",
    "shipping.policy": "planner warehouse_manager",
    # freight
    "freight.view": "planner finance_clerk finance_controller warehouse_manager integration",
    "freight.enter": "finance_clerk integration",
    "freight.decide": "finance_clerk finance_controller",
    "freight.accept_high": "finance_controller",
    "freight.approve": "finance_controller",
    "freight.terms": "finance_controller",
    "freight.apply": "system",
    # returns
    "returns.view": "customer_service sales_manager returns_clerk qc_inspector finance_clerk finance_controller "
    "warehouse_manager integration system",
    "returns.create": "returns_clerk customer_service sales_manager integration system",
    "returns.receive": "returns_clerk qc_inspector",
    "returns.dispose": "returns_clerk qc_inspector warehouse_manager",
    "returns.scrap_high": "warehouse_manager finance_controller",
    # counting: those who count do not see the figures
    "counting.view": "inventory_controller count_supervisor finance_controller warehouse_manager system",
    "counting.plan": "inventory_controller count_supervisor warehouse_manager system",
    "counting.count": "picker packer count_supervisor",
    "counting.adjust": "inventory_controller count_supervisor warehouse_manager",
    "counting.approve": "count_supervisor finance_controller warehouse_manager",
    "counting.approve_high": "finance_controller warehouse_manager",
    "counting.approve_any": "finance_controller",
    "counting.policy": "finance_controller warehouse_manager",
    # costing
    "costing.view": "finance_clerk finance_controller purchasing_manager system",
    "costing.post": "finance_clerk system",
    "costing.revalue": "finance_controller",
    # planning
    "planning.view": "buyer purchasing_manager planner sales_manager finance_controller warehouse_manager system",
    "planning.run": "buyer purchasing_manager planner system",
    "planning.policy": "purchasing_manager sales_manager planner finance_controller warehouse_manager",
    # compliance
    "compliance.trace": "qc_inspector inventory_controller returns_clerk customer_service finance_controller "
    "warehouse_manager auditor",
    # analytics
    "analytics.view": STAFF + " admin",
    # integrations
    "integrations.view": "data_steward integration admin system",
    "integrations.import": "data_steward integration",
}

# Who signed in with badge and PIN may do what hands do: never approve, decide a price, see costs or export.
HANDS = frozenset({"receiver", "picker", "packer", "returns_clerk"})
NOT_ON_DEVICES = frozenset({"analytics.view", "compliance.trace", "platform.jobs", "storage.statement"})
BY_OTHER_HANDS = frozenset({"inspection.inspect", "counting.count"})


def is_for_devices(permission: str) -> bool:
    """Whether a badge and a PIN are enough for the permission."""
    held_by_hands = not HANDS.isdisjoint(PERMISSIONS.get(permission, "").split())
    return (held_by_hands and permission not in NOT_ON_DEVICES) or permission in BY_OTHER_HANDS


def on_device(grants: Mapping[str, frozenset[int]], site_id: int) -> dict[str, frozenset[int]]:
    """What of somebody's rights a badge and a PIN open: what hands do, at the device's site."""
    return {
        permission: frozenset({site_id})
        for permission, sites in grants.items()
        if is_for_devices(permission) and (0 in sites or site_id in sites)
    }


def permissions_of(role: str) -> list[str]:
    """The permissions that a role holds, in order."""
    held = {permission for permission, roles in PERMISSIONS.items() if role in roles.split()}
    if role == "auditor":
        held |= {permission for permission in PERMISSIONS if permission.endswith(".view")}
    return sorted(held)


def sync_roles() -> None:
    """Make the role table say what this file says, and make sure that the user `system` exists. Two statements."""
    codes = list(ROLES)
    sql.execute(
        """
        INSERT INTO platform_role (code, name, permissions)
        SELECT r.code, r.name, string_to_array(r.permissions, ' ')
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS r(code, name, permissions)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, permissions = excluded.permissions
        WHERE (platform_role.name, platform_role.permissions) IS DISTINCT FROM (excluded.name, excluded.permissions)
        """,
        (codes, [ROLES[code] for code in codes], [" ".join(permissions_of(code)) for code in codes]),
    )
    # "!" is Django's mark for "no password": nobody can sign in as the system.
    sql.execute(
        """
        WITH made AS (
            INSERT INTO platform_user (username, password, full_name, email, is_active)
            VALUES ('system', '!', 'Flowrack', '', true)
            ON CONFLICT (username) DO UPDATE SET password = '!' RETURNING id
        )
        INSERT INTO platform_userrole (user_id, role_id, site_id)
        SELECT made.id, r.id, 0 FROM made, platform_role r WHERE r.code = 'system'
        ON CONFLICT (user_id, role_id, site_id) DO NOTHING
        """
    )
