"""Settings as TOML text: the few shapes our settings have, nothing more."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

Value = str | int | float | bool | Path | Sequence[str]


def toml_text(sections: Mapping[str, Mapping[str, Value]]) -> str:
    """Return TOML with one table per section; the section named "" stands on top without a heading."""
    lines: list[str] = []
    for name, values in sections.items():
        if name:
            lines += ["", f"[{name}]"]
        lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(str(one)) for one in value)}]"
    # A TOML basic string and a JSON string are written alike for every path and name we have.
    return json.dumps(str(value), ensure_ascii=False)
