"""Pages of storage: planned carries, opening stock, transfers between sites, putaway rules."""

from flowrack.storage.pages import carries, rules, transfers

NAV = [*carries.NAV, *transfers.NAV, *rules.NAV]

urlpatterns = [*carries.urlpatterns, *transfers.urlpatterns, *rules.urlpatterns]
