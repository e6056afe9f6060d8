"""Finds the printed words of a list in a piece of writing; a long one also where a ring or a blur spoiled signs."""

from collections.abc import Iterator, Sequence

from appliance.desk.pages.ocr import Letter
from appliance.desk.pages.piece import Piece
from appliance.desk.pages.writing import bare

GUESSED_FROM = 4
"""Letters a word has at least that is found although some of them were misread."""
LIKE = 0.55
"""Share of a word's letters that must have been read, or half of it thought of."""


class _Signs:
    """A piece written bare; which letter each sign comes from, and which signs are taken by a word."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.text = ""
        self._places: list[int] = []
        for index, letter in enumerate(piece.letters):
            for sign in bare(letter.text):
                self.text += sign
                self._places.append(index)
        self.taken = [False] * len(self.text)

    def letters(self, start: int, end: int) -> list[Letter]:
        """Give the letters of some signs."""
        return [self.piece.letters[place] for place in self._places[start:end]]

    def take(self, start: int, end: int) -> Piece:
        """Take some signs for a word, and give where it stands."""
        self.taken[start:end] = [True] * (end - start)
        return self.piece.cut(self._places[start], self._places[end - 1] + 1)


def words_in(piece: Piece, words: Sequence[str]) -> list[tuple[str, Piece]]:
    """Find printed words inside a piece, longest first, never overlapping."""
    return _exact(_Signs(piece), words)


def choices_in(piece: Piece, spelled: dict[str, str]) -> tuple[list[tuple[str, Piece]], set[str]]:
    """Find the codes of printed choices, by how each may be spelled; the second tells which were only guessed."""
    signs = _Signs(piece)
    found = [(spelled[word], part) for word, part in _exact(signs, tuple(spelled))]
    seen = {code for code, _ in found}
    # Words that differ in a number alone are never guessed.
    rest = [w for w in spelled if len(w) >= GUESSED_FROM and not w[-1].isdigit()]
    guesses = sorted(
        (
            (_like(word, signs.letters(*span)), spelled[word], span)
            for word in rest
            if spelled[word] not in seen
            for span in _spans(signs, word)
        ),
        key=lambda guess: -guess[0],
    )
    guessed: set[str] = set()
    for likeness, code, (start, end) in guesses:
        if likeness >= LIKE and code not in guessed and not any(signs.taken[start:end]):
            found.append((code, signs.take(start, end)))
            guessed.add(code)
    return found, guessed


def _exact(signs: _Signs, words: Sequence[str]) -> list[tuple[str, Piece]]:
    found = []
    for word in sorted(words, key=len, reverse=True):
        at = signs.text.find(word)
        while at >= 0:
            end = at + len(word)
            if not any(signs.taken[at:end]):
                found.append((word, signs.take(at, end)))
            at = signs.text.find(word, at + 1)
    return found


def _spans(signs: _Signs, word: str) -> Iterator[tuple[int, int]]:
    """Give every place where a word, or one with a letter more or less, may stand between words already found."""
    for length in (len(word), len(word) - 1, len(word) + 1):
        for start in range(len(signs.text) - length + 1):
            if not any(signs.taken[start : start + length]):
                yield start, start + length


def _like(word: str, letters: Sequence[Letter]) -> float:
    """Say how much of a word letters are: 1 all of it; a sign the reader only thought of counts half."""
    row = [float(place) for place in range(len(letters) + 1)]
    for index, sign in enumerate(word, 1):
        before, row[0] = row[0], float(index)
        for place, letter in enumerate(letters, 1):
            kept = before + _strange(sign, letter)
            before, row[place] = row[place], min(kept, row[place] + 1, row[place - 1] + 1)
    return 1 - row[-1] / len(word)


def _strange(sign: str, letter: Letter) -> float:
    if sign in bare(letter.text):
        return 0.0
    return 0.5 if sign in letter.others else 1.0
