"""WHAT BOTH COUNTERS' SCREENS SHARE: the city's look, the language switch, the headers that guard a page."""
