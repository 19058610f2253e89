"""Reads for people who run the house. `kpis` is what the replay prints."""

from flowrack.analytics.queries.kpi import kpis, kpis_of

__all__ = ["kpis", "kpis_of"]
