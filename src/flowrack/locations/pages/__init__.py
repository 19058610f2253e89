"""The places' pages: sites, zones and locations, the builder and its labels; totes."""

from flowrack.locations.pages import places, totes

NAV = [*places.NAV, *totes.NAV]

urlpatterns = [*places.urlpatterns, *totes.urlpatterns]
