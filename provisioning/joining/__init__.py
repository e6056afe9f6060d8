"""Enrolling a box over a network: a one-time code, a depot that proves itself, words that two people compare."""
