"""The catalogue of messages is what the code says, and the translations of it are complete.

A bench compares `main.pot` with what Frappe's own tools extract (bridge/tests/test_language.py); this is the part that
needs no bench.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from tests.support.processes import ROOT

PACKAGE = ROOT / "job_console"
LOCALE = PACKAGE / "locale"
LANGUAGES = ("de", "es")
_ENTRY = re.compile(r'^(msgctxt|msgid|msgstr) (".*")$')


def entries(path: Path) -> dict[str, str]:
    """msgid → msgstr of a .po or .pot file, the header left out."""
    found: dict[str, str] = {}
    entry: dict[str, str] = {}
    field = ""
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        start = _ENTRY.match(line)
        if start:
            field = start[1]
            entry[field] = ast.literal_eval(start[2])
        elif line.startswith('"'):
            entry[field] += ast.literal_eval(line)
        elif not line and entry:
            assert "msgctxt" not in entry
            found[entry["msgid"]] = entry["msgstr"]
            entry = {}
    assert found.pop("", None)
    return found


def python_literals() -> Iterator[tuple[str, str]]:
    """(where, text) of each `_("…")` of the shipped Python."""
    for file in sorted(PACKAGE.rglob("*.py")):
        # Of a hooks.py Frappe's tools read the navbar's items only.
        if "tests" in file.parts or file.name.startswith("test_") or file.name == "hooks.py":
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                where, given = f"{file.relative_to(ROOT)}:{node.lineno}", node.args[0]
                if isinstance(given, ast.Constant):
                    yield where, given.value
                elif isinstance(given, ast.JoinedStr):
                    yield where, "an f-string, which no tool can extract"


def page_literals() -> Iterator[tuple[str, str]]:
    for file in sorted((PACKAGE / "public" / "js").rglob("*")):
        if file.suffix in (".js", ".vue"):
            for found in re.finditer(r"""\b__\(\s*(["'])((?:(?!\1)[^\\]|\\.)*)\1""", file.read_text("utf-8")):
                yield str(file.relative_to(ROOT)), re.sub(r"\\(.)", r"\1", found[2])


def translatable(text: str) -> bool:
    """Words, not only signs and places for them."""
    return any(letter.isalpha() for letter in "".join(plain for plain, *_rest in Formatter().parse(text)))


def fields(text: str) -> Counter[str]:
    return Counter(re.findall(r"\{[^{}]*\}", text.replace("{{", "").replace("}}", "")))


CATALOGUE = entries(LOCALE / "main.pot")


@pytest.mark.parametrize("literals", [python_literals, page_literals])
def test_each_literal_stands_in_the_catalogue(literals: object) -> None:
    """If not: `bench generate-pot-file --app job_console`, `bench update-po-files`, and translate."""
    found = list(literals())  # type: ignore[operator]
    assert len(found) > 500
    missing = [(where, text) for where, text in found if translatable(text) and text not in CATALOGUE]
    assert missing == []


def test_no_sentence_of_the_engine_begins_or_ends_with_a_blank() -> None:
    """Frappe looks a text up without them."""
    assert [(where, text) for where, text in python_literals() if text != text.strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_complete_and_takes_the_same_parameters(language: str) -> None:
    path = LOCALE / f"{language}.po"
    translated = entries(path)
    assert translated.keys() == CATALOGUE.keys()
    assert [text for text, said in translated.items() if not said.strip()] == []
    wrong = {text: said for text, said in translated.items() if fields(text) != fields(said)}
    assert wrong == {}
    assert "#, fuzzy" not in path.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_are_those_of_the_original(language: str) -> None:
    for text, said in entries(LOCALE / f"{language}.po").items():
        assert Counter(re.findall(r"<[^>]+>", text)) == Counter(re.findall(r"<[^>]+>", said)), text
