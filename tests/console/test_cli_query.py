"""The query on the command line: which jobs, in which order, of what, and what is done to all of them."""

from __future__ import annotations

from typing import Any

from .conftest import frappe_job


def fill(lane: Any) -> None:
    for number, newsletter in enumerate(("April", "May", "June")):
        frappe_job(lane, f"a.localhost||{number}", "shop.send", newsletter=newsletter, company="Acme")
    frappe_job(lane, "a.localhost||other", "shop.purge")


def test_jobs_and_search_take_one(run: Any, lane: Any) -> None:
    fill(lane)
    for verb in ("jobs", "search"):
        found = run(verb, "method:shop.send arg.newsletter:Ma*", "--json").json["jobs"]
        assert [job["id"] for job in found] == ["a.localhost||1"], verb
        wrong = run(verb, "metod:x")
        assert (wrong.code, "Do you mean 'method'? (at character 1 of the query)" in wrong.err) == (2, True)
    others = run("jobs", "--json", "--", "-method:purge").json["jobs"]
    assert [job["id"][-1] for job in others] == ["0", "1", "2"]
    ordered = run("jobs", "method:send", "--sort", "-enqueued", "--json").json
    assert [job["id"][-1] for job in ordered["jobs"]] == ["2", "1", "0"]


def test_three_newsletters_differ(run: Any, lane: Any) -> None:
    fill(lane)
    lines = run("jobs", "method:send").out.splitlines()
    assert ["newsletter=May" in line for line in lines[:4]] == [False, False, True, False]
    assert not any("Acme" in line for line in lines)


def test_of_what_waits(run: Any, lane: Any) -> None:
    fill(lane)
    assert run("waiting", "short", "--json").json["parts"]["method"][0] == {"name": "shop.send", "count": 3}
    assert "4 jobs waiting" in run("waiting").out


def test_all_that_match_are_canceled_and_brought_back(run: Any, lane: Any) -> None:
    fill(lane)
    done = run("bulk", "cancel", "method:send", "status:queued", "--reason", "too early", "--json")
    assert (done.code, done.json["tried"], done.json["state"]) == (0, 3, "done")
    assert lane.job_ids == ["a.localhost||other"]
    assert "method:send status:queued" in run("bulks").out
    back = run("undo", done.json["id"])
    assert back.code == 0
    assert "3 queued" in back.out
    assert len(lane.job_ids) == 4
    assert run("bulk", "stop", "x").code == 2


def test_a_view_is_kept_and_shows_its_jobs(run: Any, lane: Any) -> None:
    fill(lane)
    assert "No saved views" in run("views").out
    assert run("save-view", "Mail", "method:send", "--sort", "-enqueued").code == 0
    assert run("save-view", "Mail", "method:purge", "--shared").code == 0
    assert [each["shared"] for each in run("views", "--json").json["views"]] == [False, True]
    found = run("jobs", "--view", "Mail", "--json").json["jobs"]
    assert [job["id"][-1] for job in found] == ["2", "1", "0"], "one's own comes before a shared one"
    (one,) = run("jobs", "--view", "Mail", "arg.newsletter:May", "--json").json["jobs"]
    assert one["id"] == "a.localhost||1"
    assert run("delete-view", "Mail").code == 0
    assert [each["shared"] for each in run("views", "--json").json["views"]] == [True]
    assert run("jobs", "--view", "None such").code == 2
    assert run("save-view", "Wrong", "metod:x").code == 2
