"""python -m tests.storm [--seed N] [--faults N] [--only NUMBER] [--storms N] [--minutes N] [--healthy MINUTES]"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from .many import Found, added, side_by_side
from .results import table, words
from .storm import Storm


def main() -> None:
    options = parse()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="storm-") as temporary:
        folder = options.folder or Path(temporary)
        if options.add_up:
            show(added(folder))
        elif options.only or options.kinds:
            alone(Storm(folder / "one", options.seed, options.kinds), options)
        else:
            most_s = options.minutes * 60 if options.minutes else None
            show(side_by_side(folder, options.seed, options.faults, options.storms, options.healthy * 60, most_s))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--only", type=int, help="the fault of this number, alone")
    parser.add_argument("--kinds", default="", help="only those whose function's name contains this")
    parser.add_argument("--storms", type=int, default=1, help="so many side by side")
    parser.add_argument("--minutes", type=float, help="no fault begins later than this")
    parser.add_argument("--healthy", type=float, default=0.0, help="one more makes no fault for so many minutes")
    parser.add_argument("--folder", type=Path, help="a new one, in which what is found is written down and kept")
    parser.add_argument("--add-up", action="store_true", help="what was found in --folder until now")
    return parser.parse_args()


def alone(storm: Storm, options: argparse.Namespace) -> None:
    """In this process, each fault told as it ends."""
    storm.folder.mkdir()
    found = Found(ended=storm.ended)
    try:
        for result in storm.run([options.only] if options.only else range(1, options.faults + 1)):
            found.results.append(result)
            print(result, file=sys.stderr, flush=True)
    finally:
        show(found)


def show(found: Found) -> None:
    print(*table(found.results), "", sep="\n")
    for word, count in words(found.results).most_common(100):
        print(f"{count:4} {word}")
    print(*found.broken, sep="\n")
    ended = found.ended
    print(f"{ended.jobs} jobs; lost {ended.lost}; doubled {ended.doubled}")
    faults = [each.took_s for each in found.results if each.number]
    each_s = sum(faults) / max(len(faults), 1)
    took = f"{found.took_s:.0f} s and {found.processor_s:.0f} s of a processor"
    print(f"{len(faults)} faults, {each_s:.1f} s each, in {took}")


if __name__ == "__main__":
    main()
