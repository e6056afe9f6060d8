"""Reads one line of writing: letters, each with its probability and its place along the line."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from appliance.desk.pages.detect import Quad
from appliance.desk.pages.models import Duty, open_model
from papers.opening import Picture

LINE_HEIGHT = 48
"""Pixels; what the model was trained with."""
NARROWEST, WIDEST = 96, 1600
TALL = 1.8
"""A box this much taller than wide holds vertical writing."""


UNSURE, OTHERS = 0.97, 10
"""Probability below which a letter tells what else it may be, and how many signs it names."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: its probability and its middle along the line, from 0 (start) to 1 (end).

    `others` are the signs it may be instead, the likeliest first; none where the reader was sure.
    """

    text: str
    probability: float
    place: float
    others: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A read line."""

    letters: tuple[Letter, ...]

    @property
    def text(self) -> str:
        """The writing."""
        return "".join(letter.text for letter in self.letters)

    @property
    def mean(self) -> float:
        """Mean probability of its letters; 0 when nothing stands there."""
        if not self.letters:
            return 0.0
        return sum(letter.probability for letter in self.letters) / len(self.letters)


class LineReader:
    """Holds a reading model and its letters: "read" reads everything, "read_again" is the second engine's opinion."""

    def __init__(self, duty: Duty = "read") -> None:
        self._session = open_model(duty)
        self._input = self._session.get_inputs()[0].name
        table = self._session.get_modelmeta().custom_metadata_map["character"]
        self._letters = ["", *table.splitlines(), " "]

    def read(self, crop: Picture) -> Line:
        """Read an upright RGB crop of one line."""
        height, width = crop.shape[:2]
        wide = min(WIDEST, max(8, round(width * LINE_HEIGHT / max(1, height))))
        method = cv2.INTER_AREA if height > LINE_HEIGHT else cv2.INTER_CUBIC
        line = cv2.resize(crop, (wide, LINE_HEIGHT), interpolation=method)
        padded = max(NARROWEST, -(-wide // 8) * 8)
        tensor = np.zeros((1, 3, LINE_HEIGHT, padded), np.float32)
        scaled = line[:, :, ::-1].astype(np.float32) / 127.5 - 1.0
        tensor[0, :, :, :wide] = scaled.transpose(2, 0, 1)
        chances = self._session.run(None, {self._input: tensor})[0][0]
        return Line(self._letters_of(chances, padded / wide))

    def _letters_of(self, chances: npt.NDArray[np.float32], stretch: float) -> tuple[Letter, ...]:
        """Collapse the model's steps: repeated letters are one, step 0 of the table is no letter."""
        best = chances.argmax(axis=1)
        steps = len(best)
        found: list[Letter] = []
        start = 0
        for step in range(1, steps + 1):
            if step < steps and best[step] == best[start]:
                continue
            if best[start] != 0:
                probability = float(chances[start:step, best[start]].max())
                middle = (start + step) / 2 / steps * stretch
                others = "" if probability >= UNSURE else self._others(chances[start:step])
                sign = self._letters[int(best[start])]
                found.append(Letter(sign, probability, min(1.0, middle), others))
            start = step
        return tuple(found)

    def _others(self, chances: npt.NDArray[np.float32]) -> str:
        """Name the likeliest signs of some steps but for the best, which is the letter itself."""
        most = chances.max(axis=0)
        likely = np.argpartition(most, -OTHERS - 2)[-OTHERS - 2 :]
        ranked = [int(i) for i in likely[np.argsort(-most[likely])] if i][1:]
        return "".join(self._letters[i] for i in ranked)


def crop(picture: Picture, quad: Quad, *, turn_tall: bool = True) -> Picture:
    """Cut a quadrilateral out and put it straight; a tall one is turned to lie (`turn_tall`)."""
    width = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    size = (max(4, round(float(width))), max(4, round(float(height))))
    target = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    cut = cv2.warpPerspective(
        picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if turn_tall and size[1] > size[0] * TALL:
        cut = cv2.rotate(cut, cv2.ROTATE_90_COUNTERCLOCKWISE)
    return np.asarray(cut, np.uint8)
