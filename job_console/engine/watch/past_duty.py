"""The sweep's part of the time machine: keeps a picture of what it sees, ten seconds after the last one.

May be done twice: ten seconds have one picture.
"""

from __future__ import annotations

from ..jobs.redact import Redaction
from ..past import limits, picture
from ..redis.link import if_written, reaching_redis
from .shared import Core
from .watch import Look

#: A little sooner than the next ten seconds begin, as who sweeps comes by now and then.
PICTURE_EVERY_S = limits.EVERY_S - 1.0
PACK_EVERY_S = 300.0
#: Of what is written; what policies call sensitive is hidden when it is read, as in what is shown of now.
_REDACTION = Redaction()


def keep_picture(engine: Core, look: Look) -> None:
    """Not where Redis comes near its limit: that room is for jobs, and the time is then a gap."""
    redis = look.bench.redis
    if redis.max_bytes and redis.used_bytes and redis.used_bytes > redis.max_bytes * limits.MEMORY_SHARE:
        return
    text = picture.written(look.bench, look.warnings, _REDACTION)
    with reaching_redis():
        if_written(lambda: engine.pictures.write(look.bench.at.timestamp(), text))


def pack_pictures(engine: Core, look: Look) -> None:
    now = look.bench.at.timestamp()
    with reaching_redis():
        if_written(lambda: engine.pictures.pack(now))
        if_written(lambda: engine.pictures.make_room(now))
