"""The Redis keys that we read (`of_rq`) and own (`ours`), each built in one place; all are offered here."""

from .of_rq import *  # noqa: F403
from .ours import *  # noqa: F403
