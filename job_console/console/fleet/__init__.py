"""Many benches, one process: which (`config`), who may do what on each (`rights`), each with a thread of its own
(`member`), all of them together (`fleet`), over HTTP (`server`, `openapi`). A bench that is slow or dead costs the
others nothing (`circuit`).
"""
