"""`./run bench NAME ...`: runs one measurement; without a name, lists them."""

import ast
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run bench/NAME.py as a program with the rest of the arguments."""
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    if len(sys.argv) < 2 or sys.argv[1] not in names:  # noqa: PLR2004 - the name is the second word
        print("./run bench NAME; there are:", file=sys.stderr)
        for name in names:
            print(f"  {name:14}{_duty(name)}", file=sys.stderr)
        return 2
    sys.argv = sys.argv[1:]
    runpy.run_path(str(HERE / f"{sys.argv[0]}.py"), run_name="__main__")
    return 0


def _duty(name: str) -> str:
    """Return the first sentence of what a measurement says of itself."""
    told = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return told.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
