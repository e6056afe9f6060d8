"""Names and numbers for people who must not see the whole: masked for letters and lists. Pure."""

SHOWN_DIGITS = 4
_SEPARATORS = "　 "


def masked_name(name: str) -> str:
    """Return the family name and one circle for each sign of the given name; without a space the first sign only."""
    for separator in _SEPARATORS:
        family, found, given = name.partition(separator)
        if found and family and given:
            return f"{family}{separator}{'○' * len(given)}"
    return name[:1] + "○" * max(len(name) - 1, 0)


def masked_number(number: str) -> str:
    """Return the last four digits behind dots."""
    if len(number) <= SHOWN_DIGITS:
        return number
    return "•" * (len(number) - SHOWN_DIGITS) + number[-SHOWN_DIGITS:]
