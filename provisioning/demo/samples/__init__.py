"""The made-up stack of paper that the demo feeds: forms, cards, people. Nobody in it exists."""

from provisioning.demo.samples.people import Person
from provisioning.demo.samples.stack import Stack, make_stack

__all__ = ["Person", "Stack", "make_stack"]
