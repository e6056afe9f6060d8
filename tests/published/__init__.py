"""Vectors other people published, run through our own functions where we have one: `python -m tests.published`."""
