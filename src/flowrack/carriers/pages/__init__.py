"""The pages of carriers: services, rate cards by version, routing guides, and what a parcel would cost."""

from __future__ import annotations

from flowrack.carriers.pages import accounts, cards, guides, sections, services, tries

NAV = [*cards.NAV, *services.NAV, *accounts.NAV]
urlpatterns = [
    *cards.urlpatterns,
    *sections.urlpatterns,
    *guides.urlpatterns,
    *services.urlpatterns,
    *tries.urlpatterns,
    *accounts.urlpatterns,
]
