"""Every duty of the sweep that needs no framework. Add one here, and what it does in its own file."""

from __future__ import annotations

from .bulk_duty import go_on
from .concurrency_duty import give_places
from .failures_duty import index_failures, look_after_canaries
from .history_duty import PUT_AWAY_EVERY_S, SAMPLE_EVERY_S, put_away, sample
from .marks_duty import mark
from .past_duty import PACK_EVERY_S, PICTURE_EVERY_S, keep_picture, pack_pictures
from .retry_duty import retry
from .shared import Core
from .silencing import tidy
from .sweep import Duty
from .watch import Look


def remember(engine: Core, look: Look) -> None:
    """Write what this look knows to Redis, so that a short-lived process can prove findings of others, and continue
    their survey.
    """
    engine.watch.remember(look)


DUTIES: tuple[Duty, ...] = (
    Duty("remember", remember),
    Duty("marks", mark),  # before whoever opens incidents, and says what came before them
    Duty("retry", retry),
    Duty("places", give_places),
    Duty("silences", tidy),
    Duty("failures", index_failures),
    Duty("canaries", look_after_canaries),
    Duty("bulks", go_on),
    Duty("pictures", keep_picture, every_s=PICTURE_EVERY_S),
    Duty("packed", pack_pictures, every_s=PACK_EVERY_S),
    Duty("samples", sample, every_s=SAMPLE_EVERY_S),
    Duty("history", put_away, every_s=PUT_AWAY_EVERY_S),
)
