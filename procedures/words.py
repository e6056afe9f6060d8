"""A sentence or label in the two languages of the screens, Japanese first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The same thing said twice."""

    ja: str
    en: str

    def say(self, lang: str) -> str:
        """Return the words in `ja` or `en`."""
        return self.en if lang == "en" else self.ja

    def put(self, **values: str) -> "Words":
        """Return the words with their `{places}` filled."""
        return Words(self.ja.format(**values), self.en.format(**values))
