"""The first thing of a record that does not hold: where it stands, what must hold, what is there, what to do."""


class BrokenError(Exception):
    """A journal or log is not what was written; each part is a sentence for a person."""

    def __init__(self, place: str, rule: str, fact: str, remedy: str) -> None:
        super().__init__(f"{place}: {rule}; {fact}. {remedy}.")
        self.place = place
        self.rule = rule
        self.fact = fact
        self.remedy = remedy
