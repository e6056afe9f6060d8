"""Check form files from the command line: `python -m procedures.check [FILE...]`; no file checks the shipped ones.

`python -m procedures.check --policy FILE` checks a city's decisions.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from procedures.definition import load, names, read
from procedures.errors import ProcedureError
from procedures.policy import load_policy
from procedures.procedure import Procedure

POLICY = "--policy"


def main(argv: list[str] | None = None) -> int:
    """Print one line for each file: what it holds, or what is wrong with it; 1 if any is wrong."""
    arguments = sys.argv[1:] if argv is None else argv
    tell = _policy if POLICY in arguments else _file
    files = [name for name in arguments if name != POLICY]
    if files:
        return max(_said(tell, name) for name in files)
    return max(_said(_shipped, name) for name in names())


def _said(tell: Callable[[str], str], name: str) -> int:
    try:
        told = tell(name)
    except ProcedureError as error:
        sys.stdout.write(f"wrong  {error}\n")
    except (OSError, UnicodeDecodeError) as error:
        sys.stdout.write(f"wrong  {name}: must be a readable UTF-8 file; {error}; check the path\n")
    else:
        sys.stdout.write(f"good   {told}\n")
        return 0
    return 1


def _file(name: str) -> str:
    return _counts(read(Path(name).read_text(encoding="utf-8"), name))


def _shipped(name: str) -> str:
    return _counts(load(name))


def _counts(form: Procedure) -> str:
    counts = f"{len(form.fields)} fields, {len(form.documents)} documents"
    return f"{form.id} {form.version}: {counts}, {len(form.checks)} checks"


def _policy(name: str) -> str:
    policy = load_policy(Path(name))
    return f"policy {policy.version}: {policy.title.ja}"


if __name__ == "__main__":
    sys.exit(main())
