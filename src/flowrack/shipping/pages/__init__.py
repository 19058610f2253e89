"""Pages of the way out: orders as a whole, loads, shipments and their papers."""

from flowrack.shipping.pages import loads, loads_work, order, orders, shipments, signing

NAV = [*orders.NAV, *loads.NAV, *shipments.NAV, *loads_work.NAV]
urlpatterns = [
    *orders.urlpatterns,
    *order.urlpatterns,
    *loads.urlpatterns,
    *loads_work.urlpatterns,
    *signing.urlpatterns,
    *shipments.urlpatterns,
]
