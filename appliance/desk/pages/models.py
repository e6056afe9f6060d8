"""Opens the recognition models that lie beside this file in engines/ (see PROVENANCE.md there); offline, one thread.

They are PP-OCR models (Apache-2.0) with fewer letters and smaller weights than their makers give out.
"""

from pathlib import Path
from typing import Any, Literal

Duty = Literal["find", "read", "read_again"]
FOLDER = Path(__file__).with_name("engines")


class ModelMissingError(Exception):
    """A model file is not where the program brings it."""


def model_path(duty: Duty) -> Path:
    """Find a model's file; raises ModelMissingError telling what to install."""
    path = FOLDER / f"{duty}.onnx"
    if path.is_file():
        return path
    raise ModelMissingError(
        f"page reader: the model {path.name} must lie in {FOLDER}, and it does not; "
        "install the program again, whole"
    )


def open_model(duty: Duty) -> Any:
    """Open a model as an onnxruntime session; it has no threads of its own, so that its process can be split."""
    import onnxruntime  # noqa: PLC0415 - heavy native library, loaded only in workers

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # Without an arena a model holds what it needs and no more, half of it; the C library keeps the rest for the page's
    # next step (see the nursery's bounds).
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(model_path(duty)), options, providers=["CPUExecutionProvider"]
    )
