"""Foreign bytes thrown at every parser that meets them: `python -m tests.fuzz`."""
