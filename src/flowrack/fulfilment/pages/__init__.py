"""Pages of fulfilment: the pick board, its waves, and the forms that hold stock or throw it away."""

from flowrack.fulfilment.pages import releases, stock, waves

NAV = waves.NAV

urlpatterns = [*waves.urlpatterns, *stock.urlpatterns, *releases.urlpatterns]
