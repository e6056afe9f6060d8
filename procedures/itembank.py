"""The item bank: what people are asked about a visit, as data; ids that keep their meaning from trial to trial."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from procedures.errors import ProcedureError
from procedures.words import Words

FREE_MAX: Final = 500
"""Characters of free words on one sheet."""

_ID: Final = re.compile(r"[A-Z][0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


class AnswerError(ValueError):
    """What was answered is no answer to this item; `item` names it."""

    def __init__(self, item: str) -> None:
        super().__init__(f"survey {item}: must be one of its own answers; choose again or skip it")
        self.item = item


class Option(BaseModel):
    """One of the answers a person may choose several of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z_]{1,32}$")
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def say(self, lang: str) -> str:
        """Return the option in this language."""
        return self.en if lang == "en" else self.ja


class Item(BaseModel):
    """One question. Type: S five steps, N a number, M several of the options, F free words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["S", "N", "M", "F"]
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)
    options: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _options_where_they_belong(self) -> "Item":
        if bool(self.options) is not (self.type == "M"):
            raise ValueError("options: an item of type M has some, no other has any; mend it")
        if len({one.code for one in self.options}) < len(self.options):
            raise ValueError("options: a code stands there once; mend the codes")
        return self

    def say(self, lang: str) -> str:
        """Return the question in this language."""
        return self.en if lang == "en" else self.ja


class Bank(BaseModel):
    """All items by id, and which of them each respondent is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str = Field(min_length=1)
    scale: Mapping[str, Words]
    sheets: Mapping[str, tuple[str, ...]]
    items: Mapping[str, Item]

    @model_validator(mode="after")
    def _everything_is_there(self) -> "Bank":
        wrong = sorted(item for item in self.items if not _ID.fullmatch(item))
        asked = {item for sheet in self.sheets.values() for item in sheet}
        missing = sorted(asked - set(self.items))
        if wrong or missing or set(self.scale) != set("12345"):
            raise ValueError(
                f"items: ids are like Q01 (wrong: {wrong}), sheets name items (unknown: {missing}), "
                "the scale has the steps 1 to 5; mend the file"
            )
        return self

    def sheet(self, respondent: str) -> list[tuple[str, Item]]:
        """Return the items this respondent is asked, in order; nothing for one who is asked nothing."""
        return [(item, self.items[item]) for item in self.sheets.get(respondent, ())]

    def read(self, item: str, given: Sequence[str]) -> tuple[str, ...]:
        """Return the values of an answer, nothing where it was skipped; raises AnswerError."""
        asked = self.items[item]
        said = [one.strip() for one in given if one.strip()]
        if not said:
            return ()
        if asked.type == "M":
            known = [one.code for one in asked.options if one.code in said]
            if set(said) - set(known):
                raise AnswerError(item)
            return tuple(known)
        if len(said) > 1 or not self._fits(asked, said[0]):
            raise AnswerError(item)
        return (str(int(said[0])),) if asked.type == "N" else (said[0],)

    def _fits(self, asked: Item, said: str) -> bool:
        if asked.type == "S":
            return said in self.scale
        if asked.type == "N":
            return _NUMBER.fullmatch(said) is not None
        return len(said) <= FREE_MAX


@cache
def item_bank() -> Bank:
    """Return the house's own item bank."""
    return parse_bank(
        files("procedures").joinpath("bank", "items.toml").read_text(encoding="utf-8")
    )


def parse_bank(text: str) -> Bank:
    """Read an item bank; raises ProcedureError with place, rule, fact and remedy."""
    try:
        values: dict[str, Any] = tomllib.loads(text)
        return Bank.model_validate(values)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ProcedureError(
            "items.toml", "must be an item bank", str(error), "mend the named place"
        ) from error
