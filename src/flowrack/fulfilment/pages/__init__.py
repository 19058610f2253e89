"""Pages of fulfilment: the pick board, its waves, carton types, and the forms that hold stock or throw it away."""

from flowrack.fulfilment.pages import cartons, packing, releases, stock, waves

NAV = [*waves.NAV, *cartons.NAV, *packing.NAV]

urlpatterns = [
    *waves.urlpatterns,
    *cartons.urlpatterns,
    *packing.urlpatterns,
    *stock.urlpatterns,
    *releases.urlpatterns,
]
