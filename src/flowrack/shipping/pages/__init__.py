"""Pages of the way out: orders as a whole, shipments and their papers."""

from flowrack.shipping.pages import order, orders, shipments

NAV = [*orders.NAV, *shipments.NAV]
urlpatterns = [*orders.urlpatterns, *order.urlpatterns, *shipments.urlpatterns]
