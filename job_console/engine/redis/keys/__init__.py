"""The Redis keys that we read (`of_rq`) and own (`ours`, `of_failures`, `of_locks`), each built in one place; all are
offered here."""

from .of_failures import *  # noqa: F403
from .of_locks import *  # noqa: F403
from .of_rq import *  # noqa: F403
from .ours import *  # noqa: F403
from .prefix import *  # noqa: F403
