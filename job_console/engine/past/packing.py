"""One picture by itself, and those of ten minutes together: most look like the one before."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from types import ModuleType

#: The first byte says how it is compressed.
_ZLIB, _LZMA = b"z", b"x"
#: Slow, and a fifth smaller than fast: a fifth of a second of a sweep, every ten minutes. It looks back over some dozen
#: pictures, and takes 6 MB of memory for that; more of both would save nothing.
_PRESET, _LOOKS_BACK = 6, 512 * 1024


def one(text: bytes) -> bytes:
    return _ZLIB + zlib.compress(text, 6)


def several(texts: Mapping[int, bytes]) -> bytes:
    """By their places. deflate looks back 32 KB only, which is less than one picture of a large bench."""
    places = [[place, len(text)] for place, text in sorted(texts.items())]
    whole = json.dumps(places).encode() + b"\n" + b"".join(texts[place] for place, _length in places)
    lzma = _lzma()
    if lzma is None:
        return _ZLIB + zlib.compress(whole, 9)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": _PRESET, "dict_size": _LOOKS_BACK}]
    return _LZMA + bytes(lzma.compress(whole, filters=filters))


def of_one(value: bytes) -> bytes | None:
    """None: not one of ours, or this Python cannot read it."""
    lzma, kind = _lzma(), value[:1]
    errors = (zlib.error, ValueError, EOFError, *((lzma.LZMAError,) if lzma else ()))
    try:
        if kind == _ZLIB:
            return zlib.decompress(value[1:])
        return bytes(lzma.decompress(value[1:])) if kind == _LZMA and lzma else None
    except errors:
        return None


def of_several(value: bytes) -> dict[int, bytes]:
    """Nothing: not some of ours."""
    head, _newline, texts = (of_one(value) or b"").partition(b"\n")
    found, begins = {}, 0
    try:
        for place, length in json.loads(head):
            found[int(place)] = texts[begins : begins + length]
            begins += length
    except (ValueError, TypeError):
        return {}
    return found


def _lzma() -> ModuleType | None:
    """None: a Python that was built without it. Loaded when it is needed: a job's process has no use for it."""
    try:
        import lzma
    except ImportError:
        return None
    return lzma
