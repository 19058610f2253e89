"""Devices: the scanners of the house, who may use them, and the journals in which they keep what was done offline."""
