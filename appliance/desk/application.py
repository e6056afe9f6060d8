"""One application of a batch: its sheets, answers, flaws, and whether a person stood behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync.errors import LocalError
from sync.record import Answer

DOUBT_BELOW = 0.8
"""A machine's value with less confidence than this asks for one look of a person."""

VALUE_MAX = 2000
"""Characters one answer may have."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A deficiency in both languages. `severity`: block | warn | info; `mend`: bus | provider | city."""

    check: str
    severity: str
    field: str
    ja: str
    en: str
    remedy_ja: str
    remedy_en: str
    mend: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one source says of one field. `source` is one of the words of sync.record.Answer."""

    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Handed:
    """The proof of a hand-in: UTC times as ISO text, the receipt's bytes as hex.

    `clock` is the clock's quality then; nothing where a cut left only what the shelf holds.
    """

    filed_at: str
    uncertainty_s: int
    policy: str
    journal_seq: int
    envelope_sha256: str
    receipt: str
    protective: bool
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """One person's application. `app_id` and `env_id` are hex, made once, and never change.

    `told` has, for each field on which sources differ, what each of them says, the most trusted first;
    `chosen` what a person chose among it. `called` is the masked name of a case that came back.
    `filing_policy` is what the hand-in under way was sealed with: kept before the shelf takes it.
    `department` is whose part of a case it is, where each department gets its own.
    """

    app_id: str
    env_id: str
    position: int
    sheets: tuple[int, ...]
    answers: tuple[Answer, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    told: tuple[Told, ...] = ()
    chosen: tuple[Told, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    confirmed: bool = False
    twice: str = ""
    completes_case: str = ""
    card_custody: str = ""
    handed: Handed | None = None
    filing_policy: str = ""
    department: str = ""
    called: str = ""

    def value(self, key: str) -> str:
        """Return one answer's value, or nothing."""
        return next((answer.value for answer in self.answers if answer.key == key), "")

    @property
    def who(self) -> str:
        """The name for screens: as answered, else as city hall masked it, else nothing."""
        return self.value("name") or self.called

    def values(self) -> Mapping[str, str]:
        """Return all answers as key -> value."""
        return {answer.key: answer.value for answer in self.answers}

    def doubtful(self) -> tuple[str, ...]:
        """Return the keys whose value a machine was not sure of and nobody has confirmed."""
        if self.confirmed:
            return ()
        return tuple(answer.key for answer in self.answers if _doubtful(answer))

    def has(self, severity: str) -> bool:
        """Whether a flaw of this severity is known."""
        return any(flaw.severity == severity for flaw in self.flaws)

    @property
    def clean(self) -> bool:
        """Whether one press may file it without a look: nothing missing, nothing doubtful."""
        return not (self.has("block") or self.has("warn") or self.doubtful() or self.twice)

    @property
    def state(self) -> str:
        """One word for the task list: twice | handed_in | blocked | look | ready | confirmed."""
        if self.handed:
            return "handed_in"
        if self.twice:
            return "twice"
        if self.has("block"):
            return "blocked"
        if self.confirmed:
            return "confirmed"
        return "ready" if self.clean else "look"


def _doubtful(answer: Answer) -> bool:
    return answer.confidence is not None and answer.confidence < DOUBT_BELOW


def type_in(item: Application, values: Mapping[str, str]) -> Application:
    """Return the application with values a person typed; what is typed goes before what was read."""
    if item.handed:
        raise LocalError("application: handed-in content never changes; ask for a correction")
    for key, value in values.items():
        if len(value) > VALUE_MAX:
            raise LocalError(f"application: {key}: at most {VALUE_MAX} characters; shorten it")
    typed = {**dict(item.typed), **values}
    chosen = tuple(one for one in item.chosen if one.key not in values)
    changed = replace(item, typed=tuple(sorted(typed.items())), chosen=chosen, confirmed=False)
    return with_answers(changed, item.answers)


def choose(item: Application, key: str, value: str) -> Application:
    """Return the application with what one of its sources says taken for a field, over what was read or typed.

    Raises LocalError for a value that no source says, and once the application was handed in.
    """
    if item.handed:
        raise LocalError("application: handed-in content never changes; ask for a correction")
    found = next((one for one in item.told if (one.key, one.value) == (key, value)), None)
    if found is None:
        raise LocalError(f"application: {key}: no source says this; choose what the page shows")
    typed = tuple(pair for pair in item.typed if pair[0] != key)
    others = tuple(one for one in item.chosen if one.key != key)
    changed = replace(item, typed=typed, chosen=(*others, found), confirmed=False)
    return with_answers(changed, item.answers)


def with_answers(item: Application, read: tuple[Answer, ...]) -> Application:
    """Return the application with what was read, chosen and typed values over it, in the order of the keys read."""
    typed = dict(item.typed)
    chosen = {one.key: Answer(one.key, one.value, one.source) for one in item.chosen}
    kept = [
        Answer(a.key, typed.pop(a.key), "typed") if a.key in typed else chosen.get(a.key, a)
        for a in read
    ]
    added = [Answer(key, value, "typed") for key, value in sorted(typed.items())]
    return replace(item, answers=(*kept, *added))


def confirm(item: Application) -> Application:
    """Return the application as a person stood behind it; one that was handed in stays as it is."""
    if item.handed or item.twice:
        return item
    return replace(item, confirmed=True)
