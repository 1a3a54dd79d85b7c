"""The HTTP server's page: built by Vite or by a bench, or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from job_console.console import page


class TestPageOfABench:
    """Built by `bench build`, whose esbuild puts the styles into the script."""

    @pytest.fixture(autouse=True)
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        bundle = tmp_path / "job_console_web.bundle.AAAA.js"
        bundle.write_text('frappe.dom.set_style(".a{content:\\"x\\"}");\n(()=>{1})();\n//# sourceMappingURL=x')
        monkeypatch.setattr(page, "STATIC", tmp_path / "nothing")
        monkeypatch.setattr(page, "BENCH_BUILT", tmp_path)
        return tmp_path

    def test_the_page_and_its_assets(self, site: Any) -> None:
        answer = site.get("/")
        assert answer.headers["Content-Type"].startswith("text/html")
        html = site.get("/jobs").body.decode()
        assert html == answer.body.decode()
        assert 'href="assets/job_console_web.bundle.AAAA.css"' in html
        assert 'src="assets/job_console_web.bundle.AAAA.js"' in html
        styles = site.get("/assets/job_console_web.bundle.AAAA.css")
        assert (styles.body, styles.headers["Content-Type"]) == (b'.a{content:"x"}', "text/css; charset=utf-8")
        assert site.get("/assets/job_console_web.bundle.AAAA.js").body.startswith(b"(()=>{1})();")
        assert site.get("/assets/other.js").status == 404

    def test_nothing_was_built(self, site: Any, built: Path) -> None:
        (built / "job_console_web.bundle.AAAA.js").unlink()
        answer = site.get("/")
        assert answer.status == 503
        assert b"bench build" in answer.body


class TestPage:
    @pytest.fixture(autouse=True)
    def built(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A page as Vite lays it out; the real one is driven in tests/browser."""
        (tmp_path / "assets").mkdir()
        (tmp_path / "index.html").write_text("<title>Job Monitor</title>")
        (tmp_path / "assets" / "app-1a2b.js").write_text("1")
        (tmp_path.parent / "secret.txt").write_text("secret")
        monkeypatch.setattr(page, "STATIC", tmp_path)
        return tmp_path

    @pytest.mark.parametrize("path", ["/", "/jobs", "/jobs/a.localhost%7C%7Cone", "/failures?method=x"])
    def test_every_view_is_the_page(self, site: Any, path: str) -> None:
        answer = site.get(path)
        assert answer.status == 200
        assert b"Job Monitor" in answer.body
        assert "no-" in answer.headers["Cache-Control"]

    def test_assets_are_kept(self, site: Any) -> None:
        answer = site.get("/assets/app-1a2b.js")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        assert site.get("/assets/app-0000.js").status == 404

    def test_what_is_large_is_sent_compressed_to_who_can_read_it(self, site: Any, built: Path) -> None:
        script = "export const words = 'again and again';" * 500
        (built / "assets" / "large-3c4d.js").write_text(script)
        for path in ("/assets/large-3c4d.js", "/"):
            packed, plain = site.get(path, Accept_Encoding="gzip, deflate, br"), site.get(path)
            assert packed.headers["Vary"] == plain.headers["Vary"]
            assert packed.headers["Vary"].split(", ")[0] == "Accept-Encoding"
            assert plain.headers["Content-Encoding"] is None
        packed, plain = site.get("/assets/large-3c4d.js", Accept_Encoding="gzip"), site.get("/assets/large-3c4d.js")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
        assert len(packed.body) < len(plain.body) / 10
        assert gzip.decompress(packed.body) == plain.body == script.encode()
        assert packed.headers["ETag"] != plain.headers["ETag"]

    def test_what_the_browser_has_is_not_sent_again(self, site: Any, built: Path) -> None:
        for encoding in ("gzip", "identity"):
            first = site.get("/", Accept_Encoding=encoding)
            again = site.get("/", Accept_Encoding=encoding, If_None_Match=first.headers["ETag"])
            assert (again.status, again.body) == (304, b"")
        (built / "index.html").write_text("<title>Another Job Monitor</title>")
        assert site.get("/", If_None_Match=first.headers["ETag"]).status == 200

    @pytest.mark.parametrize(
        "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt", "//etc/passwd"]
    )
    def test_nothing_outside_of_it(self, site: Any, path: str) -> None:
        assert b"secret" not in site.get(path).body
        assert b"root:" not in site.get(path).body

    def test_every_answer_is_guarded(self, site: Any) -> None:
        for path in ("/", "/api/snapshot", "/api/frobnicate", "/healthz"):
            headers = site.get(path).headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "same-origin"
        assert site.get("/api/snapshot").headers["Cache-Control"] == "no-store"

    def test_not_built(self, site: Any, built: Path) -> None:
        (built / "index.html").unlink()
        answer = site.get("/")
        assert answer.status == 503
        assert b"npm run build" in answer.body
