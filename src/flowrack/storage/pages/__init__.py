"""Pages of storage: planned carries, opening stock, transfers between sites, putaway rules."""

from flowrack.storage.pages import carries, custody, rules, transfers

NAV = [*carries.NAV, *transfers.NAV, *custody.NAV, *rules.NAV]

urlpatterns = [*carries.urlpatterns, *transfers.urlpatterns, *custody.urlpatterns, *rules.urlpatterns]
