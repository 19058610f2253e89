"""The sample company, Kestrel Wharf Supply: nine weeks of real orders, replayed until today, with work left to do."""

from flowrack.integrations.sample.company import load

__all__ = ["load"]
