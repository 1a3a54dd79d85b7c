"""When the next bursts of work come to a lane, by chance, from those that came. Pure."""

from __future__ import annotations

import random
from collections import deque

from ...models.expected import Bursts

#: Pauses are like those that were, but for this (sigma of a log-normal); of a single one little can be said.
SCATTER, SINGLE = 0.4, 0.4
#: A pause that would be over by now is drawn again so often; then none comes any more.
DRAWS = 3
#: So many, within so many times as long as all that waits should take.
MOST, AHEAD = 8, 4.0


def next_bursts(bursts: Bursts | None, horizon: float, dice: random.Random) -> deque[tuple[float, int]]:
    """Of one round: when, and how many jobs, in order.

    After each burst another one was seen to come, but for the last: that is the chance that there is one more.
    """
    found: deque[tuple[float, int]] = deque()
    if bursts is None or not bursts.pauses_s:
        return found
    seen = len(bursts.sizes)
    scatter = SCATTER + SINGLE / len(bursts.pauses_s)
    at = -bursts.ago_s
    while len(found) < MOST and dice.random() < seen / (seen + 1):
        pauses = (dice.choice(bursts.pauses_s) * dice.lognormvariate(0.0, scatter) for _ in range(DRAWS))
        at = next((at + pause for pause in pauses if at + pause > 0.0), AHEAD * horizon)
        if at >= AHEAD * horizon:
            break
        found.append((at, max(round(dice.choice(bursts.sizes)), 1)))
    return found


def one_more(bursts: Bursts, size: int) -> Bursts:
    """With the one that came just now, after all that was read."""
    return Bursts(0.0, (*bursts.pauses_s, bursts.ago_s), (*bursts.sizes, float(size)))
