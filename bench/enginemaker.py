"""Makes the recognition models of appliance/desk/pages/engines from those of two public wheels, with smaller numbers.

The finder and the first reader get 8 bits, which loses them nothing on held-back pages. The second reader keeps 16:
with 8 it read 4 points of signs worse, though no number.

    python -m bench.enginemaker OUT --pages FOLDER --find DET.onnx --read REC.onnx --again REC5.onnx

FOLDER holds made-up pages of `python -m bench.pagemaker`, never anybody's: the ranges of the 8-bit numbers come from
them. Needs the package onnx (Apache-2.0), which nothing else here does. Where the models come from and what their
licences are stands in engines/PROVENANCE.md; a model made anew is measured by `./run bench capture` before it is kept.
"""

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import onnxruntime

from appliance.desk.pages.detect import STEP, STRIP
from appliance.desk.pages.ocr import LINE_HEIGHT, NARROWEST
from appliance.desk.pages.page import FIND_SIDE

SEED: Final = 3
LINES, STRIPS, WIDEST = 160, 24, 1200
OPSET: Final = 17
KEPT_FIRST: Final = 4
"""Convolutions at the beginning that stay exact: what they lose everything behind them lacks."""
SMALLEST_HALVED: Final = 256
"""Numbers a table of weights has at least to be kept in 16 bits."""
HEAD: Final = ("linear_8.w_0", "linear_8.b_0")
"""The last layer of a reading model: one column a letter."""
UNFUSED: Final = (
    "ConvActivationFusion",
    "ConvAddActivationFusion",
    "MatmulTransposeFusion",
    "MatMulTransposeFusion",
    "NchwcTransformer",
)
"""What the runtime would join so that the 8-bit form is not found again."""
Tensor = np.ndarray[Any, np.dtype[np.float32]]


def make_reader(source: Path, target: Path, lines: Sequence[Tensor]) -> None:
    """Make a reading model of the letters of code page 932; in 16 bits only, where it gets no lines."""
    with tempfile.TemporaryDirectory() as folder:
        few, small = Path(folder, "few.onnx"), Path(folder, "small.onnx")
        letters = _with_fewer_letters(_converted(source, Path(folder)), few)
        if lines:
            _in_8_bits(few, small, lines, keep_last=False)
        _in_16_bits(small if lines else few, target, letters)


def make_finder(source: Path, target: Path, strips: Sequence[Tensor]) -> None:
    """Make the finding model; its last convolutions, which draw the outlines, stay exact."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.onnx")
        _in_8_bits(_converted(source, Path(folder)), small, strips, keep_last=True)
        _in_16_bits(small, target, None)


def lines_of(pages: Path) -> list[Tensor]:
    """Cut lines of writing out of made-up scans by their ground truth, some of them faint, soft or grainy."""
    rng = np.random.default_rng(SEED)
    cut = [crop for path in sorted(pages.glob("*.json")) for crop in _lines_on(path)]
    return [_line(_worn(cut[at], rng)) for at in rng.permutation(len(cut))[:LINES]]


def strips_of(pages: Path) -> list[Tensor]:
    """Cut strips out of made-up pages, as the finder looks at them."""
    rng = np.random.default_rng(SEED)
    found = []
    for path in sorted([*pages.glob("*-scan.jpg"), *pages.glob("*-photo.jpg")]):
        picture = _picture(path)
        scale = FIND_SIDE / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        high, wide = (side // STEP * STEP for side in small.shape[:2])
        tall = min(high, STRIP // STEP * STEP)
        top = int(rng.integers(0, high - tall + 1))
        found.append(_tensor(small[top : top + tall, :wide]))
    return [found[at] for at in rng.permutation(len(found))[:STRIPS]]


def _picture(path: Path) -> Any:
    picture = cv2.imread(str(path))
    if picture is None:
        raise SystemExit(f"{path}: a picture must lie here, and none can be opened")
    return picture


def _lines_on(path: Path) -> Iterator[Any]:
    told = json.loads(path.read_text(encoding="utf-8"))
    picture = _picture(path.with_name(f"{path.stem}-scan.jpg"))
    mapping = np.array(told["captures"]["scan"]["H_mm_to_px"], np.float64).reshape(3, 3)
    for text in told["texts"]:
        x, y, width, height = text["bbox_mm"]
        box = np.array([[[x, y], [x + width, y], [x + width, y + height], [x, y + height]]])
        quad = cv2.perspectiveTransform(box.astype(np.float64), mapping)[0].astype(np.float32)
        size = (
            round(float(np.linalg.norm(quad[1] - quad[0]))) + 8,
            round(float(np.linalg.norm(quad[3] - quad[0]))) + 8,
        )
        inner = np.array(
            [[4, 4], [size[0] - 4, 4], [size[0] - 4, size[1] - 4], [4, size[1] - 4]], np.float32
        )
        if len(text["text"].strip()) > 1 and min(size) > 16:  # noqa: PLR2004 - there is a line to see
            yield cv2.warpPerspective(picture, cv2.getPerspectiveTransform(quad, inner), size)


def _worn(crop: Any, rng: np.random.Generator) -> Any:
    if rng.integers(2):
        crop = cv2.GaussianBlur(crop, (0, 0), rng.uniform(0.4, 1.6))
    share = rng.uniform(0.6, 1.0)
    light = rng.uniform(0, 255 * (1 - share)) * rng.random()
    grain = rng.normal(0, rng.uniform(0, 8), crop.shape)
    return np.clip(crop * share + light + grain, 0, 255).astype(np.uint8)


def _line(crop: Any) -> Tensor:
    height, width = crop.shape[:2]
    wide = min(WIDEST, max(8, round(width * LINE_HEIGHT / height)))
    line = cv2.resize(crop, (wide, LINE_HEIGHT), interpolation=cv2.INTER_AREA)
    made = np.zeros((1, 3, LINE_HEIGHT, max(NARROWEST, -(-wide // 8) * 8)), np.float32)
    made[:, :, :, :wide] = _tensor(line)
    return made


def _tensor(picture: Any) -> Tensor:
    scaled = picture.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _converted(source: Path, folder: Path) -> Path:
    """Bring a model to the version of the format that the 8-bit forms need."""
    import onnx  # type: ignore[import-not-found]  # noqa: PLC0415 - only this command needs it
    from onnx import version_converter  # noqa: PLC0415 - as above

    target = folder / "converted.onnx"
    onnx.save(version_converter.convert_version(onnx.load(source), OPSET), target)
    return target


def _with_fewer_letters(source: Path, target: Path) -> str:
    """Keep the letters of code page 932 in a reading model; gives them, one a line."""
    import onnx  # noqa: PLC0415 - as above

    told = onnxruntime.InferenceSession(str(source), providers=["CPUExecutionProvider"])
    letters = told.get_modelmeta().custom_metadata_map["character"].splitlines()
    places = [at for at, letter in enumerate(letters) if _common(letter)]
    columns = [0, *(at + 1 for at in places), len(letters) + 1]
    model = onnx.load(source)
    for table in model.graph.initializer:
        if table.name in HEAD:
            kept = np.ascontiguousarray(onnx.numpy_helper.to_array(table)[..., columns])
            table.CopyFrom(onnx.numpy_helper.from_array(kept, table.name))
    for output in model.graph.output:
        output.type.tensor_type.shape.dim[-1].dim_value = len(columns)
    del model.graph.value_info[:]
    onnx.save(model, target)
    return "\n".join(letters[at] for at in places)


def _common(letter: str) -> bool:
    try:
        return len(letter) == 1 and bool(letter.encode("cp932"))
    except UnicodeEncodeError:
        return False


def _in_8_bits(source: Path, target: Path, seen: Sequence[Tensor], *, keep_last: bool) -> None:
    """Give convolutions numbers of 8 bits, each with the range it has on what is seen."""
    import onnx  # noqa: PLC0415 - as above
    from onnxruntime import quantization  # noqa: PLC0415 - as above

    fused = target.with_name(f"fused-{target.name}")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(fused)
    onnxruntime.InferenceSession(
        str(source),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=list(UNFUSED),
    )
    model = onnx.load(fused)
    known = {value.name for value in model.graph.value_info}
    own = [
        name
        for node in model.graph.node
        if node.domain
        for name in node.output
        if name not in known
    ]
    model.graph.value_info.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in own
    )
    onnx.save(model, fused)
    convolutions = [node.name for node in model.graph.node if node.op_type == "Conv"]
    exact = convolutions[:KEPT_FIRST] + (convolutions[-KEPT_FIRST:] if keep_last else [])

    class Seen(quantization.CalibrationDataReader):  # type: ignore[misc]  # the runtime is untyped
        """Hands out what the ranges are taken from."""

        def __init__(self) -> None:
            self._rest = iter(seen)

        def get_next(self) -> dict[str, Tensor] | None:
            """Give the next input, or None."""
            tensor = next(self._rest, None)
            return None if tensor is None else {model.graph.input[0].name: tensor}

    quantization.quantize_static(
        fused,
        target,
        Seen(),
        quant_format=quantization.QuantFormat.QDQ,
        per_channel=True,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        op_types_to_quantize=["Conv"],
        nodes_to_exclude=exact,
    )


def _in_16_bits(source: Path, target: Path, letters: str | None) -> None:
    """Keep what is left of large tables in 16 bits: it is made whole when the model is opened."""
    import onnx  # noqa: PLC0415 - as above

    model = onnx.load(source)
    widened = []
    for table in model.graph.initializer:
        if table.data_type == onnx.TensorProto.FLOAT and np.prod(table.dims) >= SMALLEST_HALVED:
            name = table.name
            half = onnx.numpy_helper.to_array(table).astype(np.float16)
            table.CopyFrom(onnx.numpy_helper.from_array(half, f"{name}.half"))
            widened.append(
                onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT)
            )
    nodes = [*widened, *model.graph.node]
    del model.graph.node[:], model.graph.value_info[:], model.metadata_props[:]
    model.graph.node.extend(nodes)
    if letters is not None:
        onnx.helper.set_model_props(model, {"character": letters})
    onnx.save(model, target)


def main() -> int:
    """Make the models and name their digests."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=Path, required=True, help="a folder of made-up pages")
    parser.add_argument("--find", type=Path, help="PP-OCR detection model")
    parser.add_argument("--read", type=Path, help="PP-OCR recognition model, the first engine")
    parser.add_argument("--again", type=Path, help="PP-OCR recognition model, the second engine")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.find:
        make_finder(asked.find, asked.out / "find.onnx", strips_of(asked.pages))
    if asked.read:
        make_reader(asked.read, asked.out / "read.onnx", lines_of(asked.pages))
    if asked.again:
        make_reader(asked.again, asked.out / "read_again.onnx", [])
    for made in sorted(asked.out.glob("*.onnx")):
        print(made.name, made.stat().st_size, hashlib.sha256(made.read_bytes()).hexdigest())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
