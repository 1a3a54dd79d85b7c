"""Payloads that would run something, or take for ever, if anybody took them at their word. `python -m
tests.engine.hostile` reads all of them within limited memory and prints what came of it, as JSON."""

from __future__ import annotations

import json
import pickle
import resource
import struct
import sys
import time
import zlib

MODULE = "tests.engine.landmine"


def _text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def _payload(value: bytes) -> bytes:
    """A payload of RQ's shape, `("shop.sync", None, (VALUE,), {})`, around the opcodes that make a value."""
    return b"\x80\x04(" + _text("shop.sync") + b"N(" + value + b"t}t."


def executing(command: str) -> dict[str, bytes]:
    """Each runs `command`, or imports and calls the landmine, in a trusting unpickler."""
    system = b"cos\nsystem\n"
    mine = f"c{MODULE}\nexplode\n".encode()
    return {
        "reduce": _payload(system + b"(" + _text(command) + b"tR"),
        "reduce of a stack global": _payload(_text("os") + _text("system") + b"\x93(" + _text(command) + b"tR"),
        "inst": _payload(b"(" + _text(command) + b"ios\nsystem\n"),
        "obj": _payload(b"(" + system + _text(command) + b"o"),
        "obj of a class": _payload(b"(csubprocess\nPopen\n" + _text(command) + b"o"),
        "newobj": _payload(b"csubprocess\nPopen\n(" + _text(command) + b"t\x81"),
        "newobj_ex": _payload(b"csubprocess\nPopen\n()(" + _text("args") + _text(command) + b"d\x92"),
        "build on a class": _payload(mine + b"}" + _text("__reduce__") + system + b"sb"),
        "build of slots": _payload(b"cdatetime\ndate\nN}" + _text("today") + system + b"s\x86b"),
        "setstate": _payload(
            b"c__main__\nThing\n)\x81}" + _text("__setstate__") + system + b"sb" + _text(command) + b"b"
        ),
        "getattr chain": _payload(
            b"cbuiltins\ngetattr\n(cbuiltins\n__import__\n(" + _text("os") + b"tR" + _text("system") + b"tR("
            + _text(command) + b"tR"
        ),
        "eval": _payload(b"cbuiltins\neval\n(" + _text(f"__import__('os').system({command!r})") + b"tR"),
        "copyreg": _payload(b"ccopyreg\n_reconstructor\n(" + mine + b"cbuiltins\nobject\nNtR"),
        "dotted name": _payload(_text(MODULE) + _text("explode.__call__") + b"\x93)R"),
        "import only": _payload(mine),
        "function": b"\x80\x04(" + mine + b"N)}t.",
        "persistent": _payload(b"P" + MODULE.encode() + b"\n"),
        "binary persistent": _payload(mine + b"Q"),
        "partial": _payload(b"cfunctools\npartial\n(" + system + _text(command) + b"tR)R"),
        "map": _payload(b"cbuiltins\nset\n(cbuiltins\nmap\n(" + system + b"]" + _text(command) + b"atRtR"),
    }  # fmt: skip


def _repeat(start: bytes, step: bytes) -> bytes:
    return _payload(start + step * ((500_000 - len(start)) // len(step)))


def _laughs(levels: int = 200) -> bytes:
    """A tuple of two tuples of two …: a few bytes, and 2**200 steps to its hash."""
    return b")q\x00" + b"0h\x00h\x00\x86q\x00" * levels


def _twin_sets(levels: int = 200) -> bytes:
    def one(slot: bytes) -> bytes:
        grow = b"0(h" + slot + b"(h" + slot + b"\x91\x91q" + slot
        return b"(\x91q" + slot + grow * levels

    return one(b"\x00") + b"0" + one(b"\x01") + b"0(h\x00h\x01\x91"


def _big_list(count: int = 60_000) -> bytes:
    return b"](" + b"K\x01" * count + b"eq\x00"


def _same_hash(count: int = 40_000) -> bytes:
    """Integers that all have the same hash: a dict of them takes quadratic time."""
    numbers = [number * (2**61 - 1) for number in range(1, count)]
    return b"}(" + b"".join(pickle.dumps(number, 2)[2:-1] + b"N" for number in numbers) + b"u"


def _deflated(start: bytes, zeros: int) -> bytes:
    """Small, and never whole in our own memory either."""
    stream = zlib.compressobj(9)
    parts = [stream.compress(start), *(stream.compress(bytes(1 << 20)) for _ in range(zeros >> 20)), stream.flush()]
    return b"".join(parts)


def bombs() -> dict[str, bytes]:
    """Each costs a trusting reader minutes, or gigabytes."""
    return {
        "long_binput": _payload(b"Nr" + struct.pack("<I", 0xFFFFFFF0)),
        "put": _payload(b"Np999999999999\n"),
        "bytearray8": _payload(b"\x96" + struct.pack("<Q", 1 << 33)),
        "bytearray8, absurd": _payload(b"\x96" + struct.pack("<Q", 1 << 62)),
        "binbytes8": _payload(b"\x8e" + struct.pack("<Q", 1 << 40)),
        "binunicode8": _payload(b"\x8d" + struct.pack("<Q", 1 << 40)),
        "binbytes": _payload(b"B" + struct.pack("<I", 0xFFFFFFF0)),
        "long4": _payload(b"\x8b" + struct.pack("<i", 0x7FFFFFF0)),
        "frame": b"\x80\x04\x95" + struct.pack("<Q", 1 << 50) + _payload(b"N")[2:],
        "digits": _payload(b"L" + b"9" * 400_000 + b"L\n"),
        "long": _payload(pickle.dumps(1 << 3_500_000, 2)[2:-1]),
        "decimal of a long": _payload(b"cdecimal\nDecimal\n(" + pickle.dumps(1 << 3_500_000, 2)[2:-1] + b"tR"),
        "deep list": _payload(b"]" * 200_000 + b"a" * 199_999),
        "deep tuple": _payload(b")" + b"\x85" * 400_000),
        "marks": _payload(b"(" * 400_000),
        "sets": _repeat(b"", b"\x8f"),
        "dicts": _repeat(b"", b"}"),
        "names": _repeat(b"", b"ca\nb\n0"),
        "many names": _payload(b"".join(b"ca\n%x\n0" % number for number in range(50_000))),
        "tuple as key": _payload(b"}" + _laughs() + b"Ns"),
        "tuple in a set": _payload(b"\x8f(" + _laughs() + b"\x90"),
        "tuple in a frozenset": _payload(b"(" + _laughs() + b"\x91"),
        "tuple for set": _payload(b"cbuiltins\nset\n(](" + _laughs() + b"etR"),
        "tuple for OrderedDict": _payload(b"ccollections\nOrderedDict\n(](" + _laughs() + b"N\x86etR"),
        "uuid as key": _payload(b"}cuuid\nUUID\n)\x81}" + _text("int") + _laughs() + b"sbNs"),
        "twin sets": _payload(_twin_sets()),
        "same hash": _payload(_same_hash()),
        "same hash, old": _payload(_same_hash().replace(b"}(", b"(", 1)[:-1] + b"d"),
        "set again and again": _repeat(_big_list() + b"0cbuiltins\nset\nq\x01", b"0h\x01h\x00\x85R"),
        "obj again and again": _repeat(_big_list() + b"0cbuiltins\nset\nq\x01", b"0(h\x01h\x00o"),
        "decimal again and again": _repeat(
            _text("9" * 200_000) + b"q\x000cdecimal\nDecimal\nq\x01", b"0h\x01h\x00\x85R"
        ),
        "build again and again": _repeat(
            b"cfrappe.types.frappedict\n_dict\n)\x81q\x01}("
            + b"".join(b"M%cfN" % (n % 256) for n in range(40_000))
            + b"uq\x000",
            b"h\x00b",
        ),
        "reduce chain": _payload(b"cbuiltins\ngetattr\nq\x00" + (b"(" + b"h\x00") * 1 + _text("a")
                                 + b"tR" + (b"q\x010h\x00h\x01" + _text("n" * 5) + b"\x86R") * 20_000),
        "zlib bomb": _deflated(b"", 1 << 28),
        "zlib bomb of a pickle": _deflated(b"\x80\x04(X" + struct.pack("<I", 1 << 27), 1 << 27),
    }  # fmt: skip


def _main() -> None:
    from job_console.engine.jobs import redact
    from job_console.engine.rq import call

    resource.setrlimit(resource.RLIMIT_AS, (1500 << 20, 1500 << 20))
    came = {}
    for name, data in bombs().items():
        start = time.process_time()
        packed = data if name.startswith("zlib") else zlib.compress(data)
        read = call.read("a.localhost||bomb", packed, len(packed))
        shown = json.dumps(redact.Redaction().arguments(read.arguments), allow_nan=False)
        came[name] = {
            "seconds": round(time.process_time() - start, 2),
            "problem": read.problem,
            "shown": len(shown) + len(read.method) + len(read.label),
        }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump({"peak_mb": peak, "came": came}, sys.stdout, indent=1)


if __name__ == "__main__":
    _main()
