"""Jobs that were enqueued before `chunks.parts` was called so name its function by this path. Nothing else does."""

from .chunks.parts import run_part

__all__ = ["run_part"]
