"""How answers look on a screen: dates in the Japanese calendar, codes as their words, sources named."""

from dataclasses import dataclass
from datetime import date

from appliance.desk.application import Application, Flaw
from appliance.desk.batch import Batch
from procedures.codes import Choices
from procedures.procedure import Field, Procedure
from procedures.wareki import format_ja

ECHOES = frozenset({"read_again"})
"""Checks that only say that a reading is doubtful."""

ON_PAPER = frozenset({"ocr", "card"})
MASK = "*"
CROP_MARGIN = 24


@dataclass(frozen=True, slots=True)
class Crop:
    """Where on which sheet a value stands, in pixels of the page picture."""

    sheet: int
    x: int
    y: int
    width: int
    height: int
    page_width: int
    page_height: int


@dataclass(frozen=True, slots=True)
class Saying:
    """What one source says of a field on which sources differ; `taken` is the one that stands now."""

    value: str
    shown: str
    source: str
    taken: bool
    crop: Crop | None


@dataclass(frozen=True, slots=True)
class Line:
    """One answer as a person sees it."""

    key: str
    label: str
    section: str
    value: str
    shown: str
    source: str
    doubtful: bool
    required: bool
    hint: str
    choices: tuple[tuple[str, str], ...]
    flaws: tuple[Flaw, ...]
    crop: Crop | None
    told: tuple[Saying, ...] = ()

    @property
    def only_doubtful(self) -> bool:
        """Whether nothing is wrong but that a machine was not sure: a look at the picture settles it."""
        grave = [flaw for flaw in self.flaws if flaw.severity != "info"]
        echoed = all(flaw.check in ECHOES for flaw in grave)
        return self.doubtful and bool(self.value) and echoed and not self.told

    @property
    def needs_look(self) -> bool:
        """Whether this line belongs among those a person is asked to look at."""
        return self.doubtful or any(flaw.severity != "info" for flaw in self.flaws)


def lines_of(item: Application, batch: Batch, procedure: Procedure, lang: str) -> list[Line]:
    """Return the lines of one application in the order of the form, with what is asked and empty."""
    values, doubtful = item.values(), item.doubtful()
    sources = {answer.key: answer.source for answer in item.answers}
    lines = []
    for field in procedure.fields:
        flaws = tuple(flaw for flaw in item.flaws if flaw.field == field.key)
        if field.key not in values and not flaws and not field.required:
            continue
        value = values.get(field.key, "")
        lines.append(
            Line(
                key=field.key,
                label=field.label.say(lang),
                section=field.section,
                value=value,
                shown=shown(field, value, lang),
                source=sources.get(field.key, ""),
                doubtful=field.key in doubtful,
                required=field.needed(values),
                hint="" if field.hint is None else field.hint.say(lang),
                choices=_choices(field.choices, lang),
                flaws=flaws,
                crop=_crop(item, batch, field.key, value),
                told=_sayings(item, batch, field, lang),
            )
        )
    return lines


def shown(field: Field, value: str, lang: str) -> str:
    """Return a canonical value as people read it."""
    for choice in field.choices:
        if choice.code == value:
            return choice.en if lang == "en" else choice.ja
    if field.type == "era_date" and value and lang == "ja":
        try:
            return format_ja(date.fromisoformat(value))
        except ValueError:
            return value
    return value


def label_of(procedure: Procedure, key: str, lang: str) -> str:
    """Return the label of a field or of a paper; the key itself when the form knows neither."""
    for document in procedure.documents:
        if key == document.id or key in document.any_of:
            return document.label.say(lang)
    try:
        return procedure.field(key).label.say(lang)
    except KeyError:
        return key


def masked_number(number: str) -> str:
    """Return an insured number with only its last four digits, as receipts carry it."""
    return MASK * max(0, len(number) - 4) + number[-4:]


def initials(kana: str) -> str:
    """Return the first sound of each part of a name, as receipts carry it: `サ.ハ.`."""
    return "".join(f"{part[0]}." for part in kana.replace(chr(0x3000), " ").split() if part)


def _choices(choices: Choices, lang: str) -> tuple[tuple[str, str], ...]:
    return tuple((choice.code, choice.en if lang == "en" else choice.ja) for choice in choices)


def _sayings(item: Application, batch: Batch, field: Field, lang: str) -> tuple[Saying, ...]:
    """Return what each source says of one field; only what was read from a paper has a picture."""
    value = item.value(field.key)
    return tuple(
        Saying(
            one.value,
            shown(field, one.value, lang),
            one.source,
            one.value == value,
            _crop(item, batch, field.key, one.value) if one.source in ON_PAPER else None,
        )
        for one in item.told
        if one.key == field.key
    )


def _crop(item: Application, batch: Batch, key: str, value: str) -> Crop | None:
    """Find where the value of an answer stands on the pages, with a little paper round it."""
    best: tuple[bool, float, Crop] | None = None
    for number in item.sheets:
        reading = batch.sheet(number).reading
        for found in () if reading is None else reading.fields:
            if reading is None or found.key != key or found.box is None:
                continue
            x, y, width, height = found.box
            left, top = max(0, x - CROP_MARGIN), max(0, y - CROP_MARGIN)
            crop = Crop(
                number,
                left,
                top,
                width + 2 * CROP_MARGIN,
                height + 2 * CROP_MARGIN,
                reading.width,
                reading.height,
            )
            rank = (found.value == value, found.confidence)
            if best is None or rank > best[:2]:
                best = (*rank, crop)
    return None if best is None else best[2]
