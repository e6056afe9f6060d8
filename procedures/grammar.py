"""Read tables of a form file one key at a time; whatever breaks the grammar is named with its place."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from procedures.errors import ProcedureError
from procedures.words import Words

LARGEST_FILE = 256 * 1024
LONGEST_LIST = 200
_NO_DEFAULT = object()


class Table:
    """One table of the file. Each reading method takes a key; `done` refuses the keys nobody asked for."""

    def __init__(self, values: Mapping[str, object], place: str) -> None:
        self._values, self.place = values, place
        self._asked: set[str] = set()

    def text(self, key: str, default: object = _NO_DEFAULT) -> str:
        """Return a text that is not empty, or the default."""
        value = self._take(key, default)
        if not isinstance(value, str) or (value == "" and default != ""):
            raise self._wrong(key, "a text that is not empty", value)
        return value

    def one_of(self, key: str, allowed: Collection[str], default: object = _NO_DEFAULT) -> str:
        """Return one of the allowed words."""
        value = self.text(key, default)
        if value not in allowed:
            remedy = _nearest(value, allowed)
            raise ProcedureError(
                f"{self.place}.{key}",
                f"must be one of {', '.join(sorted(allowed))}",
                f"found {value!r}",
                remedy,
            )
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, "true or false", value)
        return value

    def whole(
        self, key: str, default: object = _NO_DEFAULT, *, least: int = 0, most: int = 10_000
    ) -> int:
        """Return a whole number within its bounds."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._wrong(key, f"a whole number from {least} to {most}", value)
        return value

    def texts(self, key: str, default: object = _NO_DEFAULT) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._take(key, default)
        if not isinstance(value, list | tuple) or not all(
            isinstance(item, str) and item for item in value
        ):
            raise self._wrong(key, "a list of texts", value)
        return tuple(value)

    def words(self, stem: str, default: Words | None = None) -> Words:
        """Return the pair `stem_ja`, `stem_en`; with an empty stem the pair `ja`, `en`."""
        ja, en = (f"{stem}_{lang}" if stem else lang for lang in ("ja", "en"))
        if default is not None and ja not in self._values and en not in self._values:
            return default
        return Words(self.text(ja), self.text(en))

    def table(self, key: str) -> "Table | None":
        """Return a table inside this one, or None if it is not there."""
        value = self._take(key, None)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise self._wrong(key, "a table", value)
        return Table(value, f"{self.place}.{key}")

    def tables(self, key: str) -> Iterator["Table"]:
        """Yield the tables of a list, in their order; none if the list is not there."""
        value = self._take(key, [])
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            raise self._wrong(key, f"a list of at most {LONGEST_LIST} tables", value)
        for number, item in enumerate(value, start=1):
            if not isinstance(item, Mapping):
                raise self._wrong(f"{key}[{number}]", "a table", item)
            name = item.get("key") or item.get("id") or number
            yield Table(item, f"{self.place}.{key}[{name}]")

    def has(self, key: str) -> bool:
        """Tell whether a key stands in this table."""
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """Return the keys that stand in this table, in their order, and count them as asked for."""
        self._asked.update(self._values)
        return tuple(self._values)

    def done(self) -> None:
        """Refuse keys that no reading method asked for: they are typing mistakes."""
        for key in self._values:
            if key not in self._asked:
                raise ProcedureError(
                    f"{self.place}.{key}",
                    "only known keys may stand here",
                    f"{key!r} is not known",
                    _nearest(key, self._asked),
                )

    def _take(self, key: str, default: object) -> object:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is _NO_DEFAULT:
            raise ProcedureError(
                f"{self.place}.{key}", "this key is required", "it is missing", f"add {key} = ..."
            )
        return default

    def _wrong(self, key: str, rule: str, value: object) -> ProcedureError:
        fact = f"found {type(value).__name__} {str(value)[:60]!r}"
        return ProcedureError(f"{self.place}.{key}", f"must be {rule}", fact, "correct the value")


def _nearest(word: str, allowed: Collection[str]) -> str:
    near = get_close_matches(word, allowed, n=1)
    return f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(sorted(allowed))}"


def parse(text: str, place: str) -> Table:
    """Return the outermost table of a TOML text; `place` names the text in errors (ProcedureError)."""
    if len(text.encode()) > LARGEST_FILE:
        raise ProcedureError(
            place, f"at most {LARGEST_FILE} bytes", "the file is larger", "shorten it"
        )
    try:
        return Table(tomllib.loads(text), place)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProcedureError(place, "must be TOML", str(error), "correct that line") from error
