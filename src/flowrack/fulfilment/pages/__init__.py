"""Pages of fulfilment: waves, pick lists, picking rules, carton types, and forms that hold stock or throw it away."""

from flowrack.fulfilment.pages import cartons, lists, packing, pickrules, releases, shorts, stock, waves

NAV = [*waves.NAV, *lists.NAV, *cartons.NAV, *packing.NAV, *pickrules.NAV, *shorts.NAV]

urlpatterns = [
    *waves.urlpatterns,
    *lists.urlpatterns,
    *pickrules.urlpatterns,
    *cartons.urlpatterns,
    *packing.urlpatterns,
    *stock.urlpatterns,
    *releases.urlpatterns,
    *shorts.urlpatterns,
]
