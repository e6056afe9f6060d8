"""Check form files from the command line: `python -m procedures.check [FILE...]`; no file checks the shipped ones."""

import sys
from pathlib import Path

from procedures.definition import load, names, read
from procedures.errors import ProcedureError


def main(argv: list[str] | None = None) -> int:
    """Print one line for each form: what it holds, or what is wrong with it; 1 if any is wrong."""
    arguments = sys.argv[1:] if argv is None else argv
    wrong = 0
    for name in arguments or names():
        try:
            procedure = (
                read(Path(name).read_text(encoding="utf-8"), name) if arguments else load(name)
            )
        except ProcedureError as error:
            wrong += 1
            sys.stdout.write(f"wrong  {error}\n")
        except (OSError, UnicodeDecodeError) as error:
            wrong += 1
            sys.stdout.write(
                f"wrong  {name}: must be a readable UTF-8 file; {error}; check the path\n"
            )
        else:
            counts = f"{len(procedure.fields)} fields, {len(procedure.documents)} documents"
            sys.stdout.write(
                f"good   {procedure.id} {procedure.version}: {counts}, {len(procedure.checks)} checks\n"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
