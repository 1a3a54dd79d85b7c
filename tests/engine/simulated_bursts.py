"""Bursts of jobs on a simulated bench, and how far what was said of them while they waited came true."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from .simulated import Mix, Said, Simulated


def play(mix: Mix, seed: int, asked: int = 8, every_s: float | None = None) -> list[Said]:
    """Three bursts, each of them asked about on its way."""
    bench = Simulated(mix, seed)
    step = every_s or 0.5 * sum(mix.jobs.values()) / 40
    bench.enqueue(0.2)
    while bench.busy:
        bench.run(bench.now + step)
    for _ in range(3):
        bench.look()  # what is known of the pace is of before the burst
        bench.enqueue(1 / 3)
        for _ in range(5):
            bench.ask(asked)
            bench.run(bench.now + step)
    while bench.busy:
        bench.ask(asked)
        bench.run(bench.now + step)
    return list(bench.reported())


def play_upon_each_other(mix: Mix, seed: int, asked: int = 4) -> list[Said]:
    """Three bursts, the next one when a quarter of the last one is left: as benchmarks/eta.py does it."""
    bench, bursts = Simulated(mix, seed), 3
    bench.enqueue(0.2)
    while bench.busy:
        bench.run(bench.now + 1.0)
    for number in range(bursts):
        bench.look()
        bench.enqueue(1 / bursts)
        bench.ask(10 * asked)
        left = sum(mix.jobs.values()) // bursts // 4 if number < bursts - 1 else 0
        while sum(map(len, bench.waiting.values())) > left:
            bench.run(bench.now + 3.0)
            bench.ask(asked)
    while bench.busy:
        bench.run(bench.now + 1.0)
    return list(bench.reported())


def figures(said: Sequence[Said], least_s: float = 0.5) -> tuple[float, float, float]:
    """(the share that kept "within", the median error of that figure, and of the other one)."""
    known = [(each, each.expected) for each in said if each.expected is not None]
    kept = sum(each.real_s <= expected.within_s for each, expected in known) / len(known)
    waited = [(each.real_s, expected) for each, expected in known if each.real_s >= least_s]
    return (
        kept,
        median(abs(expected.within_s - real) / real for real, expected in waited),
        median(abs(expected.about_s - real) / real for real, expected in waited),
    )
