"""Pages of the dock: the door calendar, appointments and ASNs."""

from __future__ import annotations

from django.urls import path

from flowrack.dock import commands, imports, queries_pages
from flowrack.dock.pages import appointments, asns, calendar, setup
from flowrack.dock.pages.common import CALENDAR
from flowrack.platform.importing.web import import_view
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records

urlpatterns = [
    path("dock", calendar.board, name="dock_board"),
    path("dock/calendar", calendar.calendar, name="dock_calendar"),
    path("dock/strip", calendar.strip, name="dock_strip"),
    path("dock/book", appointments.book, name="dock_book"),
    path("dock/walk-in", appointments.walk_in, name="dock_walk_in"),
    path("dock/appointments/<int:appointment_id>", appointments.appointment, name="dock_appointment"),
    path("dock/appointments/<int:appointment_id>/move", calendar.move, name="dock_move"),
    path("dock/appointments/<int:appointment_id>/reschedule", appointments.reschedule, name="dock_reschedule"),
    path("dock/appointments/<int:appointment_id>/cancel", appointments.cancel, name="dock_cancel"),
    path("dock/appointments/<int:appointment_id>/check-in", appointments.check_in, name="dock_check_in"),
    path("dock/appointments/<int:appointment_id>/dock", appointments.dock, name="dock_dock"),
    path("dock/appointments/<int:appointment_id>/check-out", appointments.check_out, name="dock_check_out"),
    path("asns", asns.ASNS.view, name="dock_asns"),
    path("asns/import", import_view(imports.ASNS, commands.import_asns, back="dock_asns"), name="dock_import"),
    path("asns/<int:asn_id>", asns.asn, name="dock_asn"),
    path("asns/<int:asn_id>/cancel", asns.cancel_asn, name="dock_asn_cancel"),
    path("asns/<int:asn_id>/close", asns.close_asn, name="dock_asn_close"),
    *setup.urlpatterns,
]
NAV = [
    NavItem("Inbound", CALENDAR, "dock_board", permission="dock.view", order=12, keys="d"),
    NavItem("Inbound", "ASNs", "dock_asns", permission="dock.view", order=25),
    *setup.NAV,
]

palette_records("ASN", "dock_asn", "dock.view", queries_pages.look_up_asns)
palette_records("Appointment", "dock_appointment", "dock.view", queries_pages.look_up_appointments)
