"""What can be changed in a module: cosmic-ray's operators, one mutant for each place and kind, drawn by seed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from cosmic_ray.ast import ast_nodes, get_ast  # type: ignore[import-untyped]
from cosmic_ray.mutating import mutate_code  # type: ignore[import-untyped]
from cosmic_ray.plugins import get_operator, operator_names  # type: ignore[import-untyped]

# A name that is not at hand is killed by the import itself and says nothing of the tests.
_SKIPPED: Final = ("core/RemoveDecorator",)

Place = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """One change of one module: the operator's n-th place, its line, and the code that comes of it."""

    module: str
    operator: str
    occurrence: int
    start: Place
    end: Place

    def code(self, source: str) -> str | None:
        """Return the changed code."""
        made: str | None = mutate_code(source, get_operator(self.operator)(), self.occurrence)
        return made


def drawn(module: str, source: str, seed: int) -> list[Mutant]:
    """Return one mutant for each place and kind of change, in an order that hangs on the seed."""
    kinds: dict[tuple[Place, str], list[Mutant]] = {}
    silent = _annotations(source)
    for one in _all(module, source):
        if not any(start <= one.start and one.end <= end for start, end in silent):
            kinds.setdefault((one.start, _kind(one.operator)), []).append(one)
    random = Random(f"{seed} {module}")  # noqa: S311 - no secret, a repeatable draw
    found = [random.choice(same) for same in kinds.values()]
    random.shuffle(found)
    return found


def _all(module: str, source: str) -> Iterator[Mutant]:
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments() or name.startswith(_SKIPPED):
            continue
        operator: Any = kind()
        places = (place for node in nodes for place in operator.mutation_positions(node))
        for occurrence, (start, end) in enumerate(places):
            yield Mutant(module, name, occurrence, start, end)


def _kind(operator: str) -> str:
    """Return the operator's family: of the eleven that can stand for a `+`, one is enough."""
    return "_".join(operator.split("_")[:2])


def _annotations(source: str) -> list[tuple[Place, Place]]:
    """Return where types stand: a change there is no change of what is done."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.ClassDef):
            found.extend(
                node.decorator_list
            )  # frozen and slots keep us from slips, they do nothing
        elif isinstance(node, ast.Assign) and _names_a_type(node):
            found.append(node.value)
    return [
        ((one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0))
        for one in found
        if one is not None
    ]


def _names_a_type(node: ast.Assign) -> bool:
    """Tell an alias of types (`Content = A | B`) from a sum."""
    value = node.value
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)


def judges_of(module: Path, tests: Path) -> list[Path]:
    """Return a module's own test file; without one, those that import it."""
    own = tests / f"test_{module.stem}.py"
    if own.exists():
        return [own]
    name = f"{module.parent.name}.{module.stem}"
    return [path for path in sorted(tests.glob("test_*.py")) if name in path.read_text("utf-8")]
