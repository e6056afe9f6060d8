"""Opens the two recognition models inside the rapidocr wheel (PP-OCRv6 small, Apache-2.0); offline, one thread.

Only the model files are used; the package's own code, which can download, is never imported.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

FILES = {"find": "PP-OCRv6_det_small.onnx", "read": "PP-OCRv6_rec_small.onnx"}


class ModelMissingError(Exception):
    """A model file is not where the wheel puts it."""


def model_path(duty: Literal["find", "read"]) -> Path:
    """Find a model's file; raises ModelMissingError telling what to install."""
    spec = find_spec("rapidocr")
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    for place in places:
        path = Path(place) / "models" / FILES[duty]
        if path.is_file():
            return path
    raise ModelMissingError(
        f"page reader: the model {FILES[duty]} must lie in the rapidocr package, and it does not; "
        "install the locked requirements again"
    )


def open_model(duty: Literal["find", "read"]) -> Any:
    """Open a model as an onnxruntime session on one processor thread."""
    import onnxruntime  # noqa: PLC0415 - heavy native library, loaded only in workers

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(model_path(duty)), options, providers=["CPUExecutionProvider"]
    )
