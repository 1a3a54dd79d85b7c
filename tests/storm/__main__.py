"""python -m tests.storm [--seed N] [--faults N] [--only NUMBER]"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from .storm import Storm, table, words


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--only", type=int, help="the fault of this number, alone")
    parser.add_argument("--kinds", default="", help="only those whose function's name contains this")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="storm-") as folder:
        storm = Storm(Path(folder), options.seed, options.kinds)
        numbers = range(options.only, options.only + 1) if options.only else range(1, options.faults + 1)
        try:
            storm.run(_narrated(storm, numbers))
        finally:
            print(*table(storm.results), "", sep="\n")
            for word, count in words(storm.results).most_common(40):
                print(f"{count:4} {word}")
            print(f"{storm.ended.jobs} jobs; lost {storm.ended.lost}; doubled {storm.ended.doubled}")


def _narrated(storm: Storm, numbers: range):  # type: ignore[no-untyped-def]
    for number in numbers:
        yield number
        last = storm.results[-1] if storm.results else None
        if last:
            print(last, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
