"""What is wrong with a form file, told so that its writer can mend it."""


class ProcedureError(ValueError):
    """A form file does not follow the grammar: where, which rule, what was found, what to do."""

    def __init__(self, place: str, rule: str, fact: str, remedy: str) -> None:
        super().__init__(f"{place}: {rule}; {fact}; {remedy}")
        self.place, self.rule, self.fact, self.remedy = place, rule, fact, remedy
