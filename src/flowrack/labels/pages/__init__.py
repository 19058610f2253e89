"""Pages of labels: specs, what was printed, and the codes that can be."""

from __future__ import annotations

from flowrack.labels.pages import codes, prints, specs

NAV = [*specs.NAV, *prints.NAV, *codes.NAV]
urlpatterns = [*specs.urlpatterns, *prints.urlpatterns, *codes.urlpatterns]
