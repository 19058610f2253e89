"""Pages of labels: specs, and what was printed."""

from __future__ import annotations

from flowrack.labels.pages import prints, specs

NAV = [*specs.NAV, *prints.NAV]
urlpatterns = [*specs.urlpatterns, *prints.urlpatterns]
