"""How much of somebody else's bytes is read."""

from __future__ import annotations

#: A compressed payload above this is not read whole: its first bytes still name site, user and method.
PAYLOAD_BYTES = 64 * 1024
#: What it may inflate to: zlib can hide gigabytes in kilobytes, and each opcode costs us half a microsecond.
INFLATED_BYTES = 512 * 1024
#: Processor time to decode one; half a megabyte of honest opcodes takes a quarter of this.
DECODE_S = 1.0
#: Arguments are cut for the page: longest text, most items of a container, deepest nesting.
TEXT_CHARS = 500
ITEMS = 50
#: Values shown of one job in all: lists that contain each other grow without end when written out.
VALUES = 1_000
TRACEBACK_CHARS = 20_000
ERROR_BYTES = 256 * 1024
#: Of a larger one (as RQ keeps it, packed) so much of its beginning is read: the frames, the type, most of the message.
ERROR_HEAD_BYTES = 64 * 1024
#: RQ keeps so many outcomes of a job, or a few more (`Result.create`): when there are as many, more were dropped.
RUNS_KEPT = 10
#: Clocks of hosts differ by less when they are kept. RQ calls a run abandoned after 90 s by the clock of another host.
CLOCK_S = 60.0
#: Times to live that one process remembers of other people's jobs, and entries of a registry that it asks for theirs.
KEPT_LEARNED = 4
KEPT_SAMPLES = 10
FAILURES_TTL_S = 8 * 86_400
#: Of a failure's place and message so much tells it from others; of a message so much is looked at.
FRAME_CHARS = 200
KIND_CHARS = 200
MESSAGE_CHARS = 1_000
