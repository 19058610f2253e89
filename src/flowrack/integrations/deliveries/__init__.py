"""Delivery histories of other systems, measured by the rules of our own supplier scorecard."""
