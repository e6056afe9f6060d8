"""`python -m bench.pagemaker OUT --seed N --count K`: makes sample pages with ground truth, or blank forms.

Every layout not held back takes its turn; --held makes pages of the held-back layouts and fonts instead, which
nobody develops on. --stack makes whole persons: form, insurance card and, for some, medical card and opinion.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bench.pagemaker.blanks import make_blank
from bench.pagemaker.layout import read_layouts
from bench.pagemaker.people import Person, make_person
from bench.pagemaker.sample import Order, make_sample

# As often as in a stack of renewals: per dozen six forms, four certificates, an opinion, a card.
WITH_BACK, WITH_CARD, WITH_OPINION = 0.5, 0.5, 0.15
DOZEN = (
    "form",
    "cert",
    "form",
    "cert",
    "form",
    "iken",
    "form",
    "cert",
    "form",
    "card",
    "form",
    "cert",
)


def main() -> int:
    """Make what was asked for; tells one line per page on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.pagemaker", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=12, help="pages; with --stack: persons")
    parser.add_argument("--docs", default="", help="only these, with commas: form,cert,card,iken")
    parser.add_argument(
        "--layouts", default="", help="only layouts whose name has one of these texts"
    )
    parser.add_argument("--captures", default="scan,photo")
    parser.add_argument(
        "--held", action="store_true", help="the layouts and fonts kept for judging"
    )
    parser.add_argument("--stack", action="store_true", help="whole persons, in feeding order")
    parser.add_argument("--no-clean", action="store_true", help="without the undamaged pages")
    parser.add_argument(
        "--blanks",
        action="store_true",
        help="blanks of the layouts that are no strangers, instead of pages",
    )
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    texts = [text for text in asked.layouts.split(",") if text]
    layouts = [
        layout
        for layout in read_layouts()
        if (layout.held == asked.held) and (not texts or any(text in layout.name for text in texts))
    ]
    if asked.blanks:
        for layout in layouts:
            if not layout.told.get("unknown"):
                make_blank(asked.out, layout, asked.seed)
        return 0
    order = Order(tuple(asked.captures.split(",")), not asked.no_clean, asked.held)
    docs = tuple(asked.docs.split(",")) if asked.docs else DOZEN
    plan = _stack(asked.seed, asked.count) if asked.stack else _mixed(asked.seed, asked.count, docs)
    turns: Counter[str] = Counter()
    for index, (doc, person, number) in enumerate(plan):
        fitting = [layout for layout in layouts if layout.doc == doc]
        if not fitting:
            continue
        turns[doc] += 1
        layout = fitting[(number if asked.stack else turns[doc]) % len(fitting)]
        name = f"{'held' if asked.held else 'made'}{asked.seed}-{index + 1:03}-{doc}"
        person.extra["number"] = str(number)
        truth = make_sample(
            asked.out, name, layout, person, order, seed=asked.seed * 100_003 + index * 17
        )
        print(
            json.dumps({"page": name, "layout": layout.name, "fields": len(truth["fields"])}),
            file=sys.stderr,
        )
    return 0


def _mixed(seed: int, count: int, docs: tuple[str, ...]) -> Iterator[tuple[str, Person, int]]:
    """Pages of so many different persons."""
    for index in range(count):
        yield docs[index % len(docs)], make_person(_chance(seed, index)), index


def _stack(seed: int, count: int) -> Iterator[tuple[str, Person, int]]:
    """Whole persons, in the order in which somebody would feed their papers."""
    for index in range(count):
        rng = _chance(seed, index)
        person = make_person(rng)
        some = (("back", WITH_BACK), ("cert", 1.0), ("card", WITH_CARD), ("iken", WITH_OPINION))
        kinds = ["form", *(doc for doc, share in some if rng.random() < share)]
        for doc in kinds:
            yield doc, person, index


def _chance(seed: int, index: int) -> Random:
    return Random(seed * 7_919 + index)  # noqa: S311 -- made again by its seed


if __name__ == "__main__":
    sys.exit(main())
