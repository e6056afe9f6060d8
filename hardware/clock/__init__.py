"""Clocks: the machine's own with its doubt, and one that is set by hand."""
