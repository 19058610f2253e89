"""Pages of storage: planned carries, opening stock, transfers between sites."""

from flowrack.storage.pages import carries, transfers

NAV = [*carries.NAV, *transfers.NAV]

urlpatterns = [*carries.urlpatterns, *transfers.urlpatterns]
