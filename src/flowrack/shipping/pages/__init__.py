"""Pages of the way out: orders as a whole, loads, shipments and their papers."""

from flowrack.shipping.pages import (
    behind,
    bookings,
    choices,
    loads,
    loads_work,
    notices,
    order,
    orders,
    proofs,
    shipments,
    signing,
)

NAV = [
    *orders.NAV,
    *loads.NAV,
    *shipments.NAV,
    *proofs.NAV,
    *notices.NAV,
    *loads_work.NAV,
    *choices.NAV,
    *bookings.NAV,
    *behind.NAV,
]
urlpatterns = [
    *orders.urlpatterns,
    *order.urlpatterns,
    *loads.urlpatterns,
    *loads_work.urlpatterns,
    *signing.urlpatterns,
    *proofs.urlpatterns,
    *notices.urlpatterns,
    *shipments.urlpatterns,
    *choices.urlpatterns,
    *bookings.urlpatterns,
    *behind.urlpatterns,
]
