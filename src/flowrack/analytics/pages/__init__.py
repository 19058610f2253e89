"""Pages of analytics: control tower, stock by state, item enquiry, moves, measures."""

from __future__ import annotations

from django.urls import path

from flowrack.analytics.pages import (
    carriers,
    floor,
    floor_rows,
    flow,
    holds,
    inbound,
    inbound_lists,
    measures,
    promises,
    stock,
    suppliers,
    tower,
)
from flowrack.platform.web.nav import NavItem

NAV = [
    NavItem("Home", "Control tower", "home", order=0, keys="h"),
    NavItem("Stock", "Stock by state", "analytics_stock", permission="analytics.view", order=10, keys="s"),
    NavItem("Stock", "Flow map", "analytics_flow", permission="analytics.view", order=20, keys="f"),
    NavItem("Stock", "Hold board", "analytics_holds", permission="inspection.view", order=25),
    NavItem("Stock", "Moves", "analytics_moves", permission="ledger.view", order=30, keys="m"),
    NavItem("Insight", "Measures", "analytics_kpis", permission="analytics.view", order=10, keys="k"),
    NavItem("Insight", "Receiving measures", "analytics_inbound", permission="inbound.view", order=12),
    NavItem("Insight", "Picking and sending measures", "analytics_floor", permission="analytics.view", order=13),
    NavItem("Insight", "Carrier measures", "analytics_carriers", permission="analytics.view", order=14),
    NavItem("Insight", "Supplier scorecard", "analytics_suppliers", permission="purchasing.view", order=15),
]

urlpatterns = [
    path("", tower.home, name="home"),
    path("stock", stock.STOCK.view, name="analytics_stock"),
    path("stock/items/<int:item_id>", stock.item, name="analytics_item"),
    path("stock/flow", flow.flow_map, name="analytics_flow"),
    path("stock/holds", holds.HOLDS.view, name="analytics_holds"),
    path("stock/moves", stock.MOVES.view, name="analytics_moves"),
    path("measures", measures.measures, name="analytics_kpis"),
    path("measures/promises", promises.PROMISES.view, name="analytics_promises"),
    path("measures/inbound", inbound.inbound, name="analytics_inbound"),
    path("measures/inbound/strip", inbound.strip, name="analytics_inbound_strip"),
    path("measures/inbound/figures", inbound_lists.FIGURES.view, name="analytics_inbound_figures"),
    path("measures/inbound/pallets", inbound_lists.PALLETS.view, name="analytics_inbound_pallets"),
    path("measures/inbound/lines", inbound_lists.LINES.view, name="analytics_inbound_lines"),
    path("measures/inbound/trucks", inbound_lists.TRUCKS.view, name="analytics_inbound_trucks"),
    path("measures/floor", floor.floor, name="analytics_floor"),
    path("measures/floor/picks", floor.PICKS.view, name="analytics_picks"),
    path("measures/floor/waves", floor_rows.WAVES.view, name="analytics_waves"),
    path("measures/floor/waits", floor_rows.WAITS.view, name="analytics_waits"),
    path("measures/floor/cartons", floor_rows.CARTONS.view, name="analytics_cartons"),
    path("measures/floor/shipments", floor_rows.SHIPMENTS.view, name="analytics_shipments"),
    path("measures/floor/wrong", floor_rows.WRONG.view, name="analytics_wrong"),
    path("measures/carriers", carriers.CARRIERS.view, name="analytics_carriers"),
    path("suppliers/scorecard", suppliers.SUPPLIERS.view, name="analytics_suppliers"),
    path("suppliers/scorecard/lines", suppliers.LINES.view, name="analytics_supplier_lines"),
    path("suppliers/scorecard/<int:supplier_id>", suppliers.supplier, name="analytics_supplier"),
]
