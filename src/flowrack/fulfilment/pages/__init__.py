"""Pages of fulfilment: the pick board, its waves, carton types, and the forms that hold stock or throw it away."""

from flowrack.fulfilment.pages import cartons, releases, stock, waves

NAV = [*waves.NAV, *cartons.NAV]

urlpatterns = [*waves.urlpatterns, *cartons.urlpatterns, *stock.urlpatterns, *releases.urlpatterns]
