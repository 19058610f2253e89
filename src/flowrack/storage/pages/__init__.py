"""Pages of storage: planned carries, opening stock, transfers between sites, putaway rules."""

from flowrack.storage.pages import carries, custody, plans, rules, transfer_claims, transfers

NAV = [*carries.NAV, *transfers.NAV, *custody.NAV, *rules.NAV]

urlpatterns = [
    *carries.urlpatterns,
    *transfers.urlpatterns,
    *transfer_claims.urlpatterns,
    *plans.urlpatterns,
    *custody.urlpatterns,
    *rules.urlpatterns,
]
