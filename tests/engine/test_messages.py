"""Sentences with parameters: English to everybody, and the reader's words where a host writes them."""

from __future__ import annotations

import json
import pickle
from copy import deepcopy
from datetime import datetime, timezone

import pytest

from job_console.engine import messages
from job_console.engine.errors import BadRequest
from job_console.engine.jobs.redact import Redaction
from job_console.engine.messages import Instant, Message, Reader, joined, listed, pack, spoken, unpack
from job_console.engine.scope import _without
from job_console.engine.wording import duration, many, ordinal

NOON = datetime(2026, 11, 30, 12, 5, tzinfo=timezone.utc)
GERMAN = {
    "{job} has waited {duration} {ago}, until {until}.": "{job} wartet seit {duration} {ago}, bis {until}.",
    "{minutes} min": "{minutes} Min.",
    "{items} and {last}": "{items} und {last}",
    "{count:,} jobs": "{count:,} Jobs (viele)",
    "broken {a}": "kaputt {nothing}",
}
#: By another name than the one that the translators' tools look for.
text_of = messages._
READER = Reader(
    template=lambda text: GERMAN.get(text, text),
    number=lambda value, spec: format(value, spec).replace(",", "."),
    instant=lambda instant: f"{instant.at:%H.%M} Uhr",
)


def waited(job: str = "shop.sync", ago: str = "") -> Message:
    text = text_of("{job} has waited {duration} {ago}, until {until}.")
    return text.format(job=job, duration=duration(600), ago=ago, until=Instant(NOON, "time"))


def test_it_is_its_english_text() -> None:
    assert waited() == "shop.sync has waited 10 min, until 12:05 UTC."
    assert json.dumps({"said": waited()}) == '{"said": "shop.sync has waited 10 min, until 12:05 UTC."}'
    assert hash(waited()) == hash(str(waited())[:])


def test_a_reader_has_it_in_their_words_with_all_its_parameters() -> None:
    said = {"deep": [waited(), (1, None)], "plain": "as it is"}
    assert spoken(said, READER) == {
        "deep": ["shop.sync wartet seit 10 Min., bis 12.05 Uhr.", [1, None]],
        "plain": "as it is",
    }
    assert type(spoken(waited(), READER)) is str
    assert said["deep"][0] == waited()  # shared by all readers: it stays as it is


def test_numbers_are_written_as_the_reader_does() -> None:
    assert many(41_230, text_of("{count:,} job"), text_of("{count:,} jobs")) == "41,230 jobs"
    assert spoken(many(41_230, text_of("{count:,} job"), text_of("{count:,} jobs")), READER) == "41.230 Jobs (viele)"
    assert [ordinal(number) for number in (1, 2, 3, 11, 12, 13, 21, 1003)] == [
        *("1st", "2nd", "3rd", "11th", "12th", "13th", "21st", "1,003rd")
    ]


def test_what_is_left_out_takes_its_blank_with_it() -> None:
    assert text_of("It failed {ago} {after}: {why}").format(ago="", after="", why="x") == "It failed: x"
    assert waited(ago="at night").startswith("shop.sync has waited 10 min at night,")


def test_sentences_and_lists_are_joined_as_messages() -> None:
    assert joined((text_of("A."), "", waited())) == f"A. {waited()}"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert spoken(listed(["a", "b", "c"]), READER) == "a, b und c"
    assert [listed([]), listed(["a"])] == ["", "a"]


def test_a_translation_with_a_wrong_parameter_is_english() -> None:
    assert spoken(text_of("broken {a}").format(a=1), READER) == "broken 1"


def test_what_an_error_says_is_still_a_message() -> None:
    error = BadRequest(waited())
    assert spoken(str(error), READER).startswith("shop.sync wartet")


@pytest.mark.parametrize("copy", [deepcopy, lambda text: pickle.loads(pickle.dumps(text)), lambda t: unpack(pack(t))])
def test_it_survives_being_copied_and_stored(copy: object) -> None:
    copied = copy(waited())  # type: ignore[operator]
    assert copied == waited()
    assert spoken(copied, READER) == spoken(waited(), READER)
    assert unpack(json.loads(json.dumps(pack(waited())))) == waited()
    assert (pack("plain"), unpack("plain")) == ("plain", "plain")


@pytest.mark.parametrize("stored", [{}, {"template": 1}, {"template": "{a}", "parameters": {}}, {"parameters": []}])
def test_what_was_not_stored_by_us_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="no packed message"):
        unpack(stored)


def test_an_answer_that_is_stored_is_spoken_to_whoever_reads_it() -> None:
    looks_like_one = {"template": "{a}", "parameters": {"a": 1}}
    answer = {"deep": [waited(), {"text": waited()}], "plain": "as it is", "arguments": looks_like_one, "none": None}
    stored = messages.loads(messages.dumps(answer))
    assert stored == answer
    assert spoken(stored, READER) == spoken(answer, READER)
    assert spoken(stored, READER)["deep"][0].startswith("shop.sync wartet")


def test_secrets_are_hidden_in_each_parameter() -> None:
    shown = Redaction().text(waited(job="sync password=hunter2"))
    assert "hunter2" not in shown
    assert spoken(shown, READER).startswith("sync password=")
    assert "hunter2" not in spoken(shown, READER)


def test_a_secret_that_begins_in_one_part_and_ends_in_another_is_hidden_all_the_same() -> None:
    shown = Redaction().text(text_of("It was called with {name}={value}").format(name="password", value="hunter2"))
    assert "hunter2" not in shown
    assert "hunter2" not in spoken(shown, READER)


def test_a_long_one_is_cut() -> None:
    shown = Redaction().text(waited(job="x" * 500), 100)
    assert len(shown) < 130
    assert not isinstance(shown, Message)


def test_another_sites_words_are_hidden() -> None:
    assert spoken(_without(waited(job="a.localhost||1"), ["a.localhost||1"]), READER).startswith(
        "(of another site) wartet"
    )
