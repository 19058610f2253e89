"""Flowrack: the inventory heart of a wholesale distributor."""

__version__ = "0.1.0"
