"""Views of Jobs that people keep: each sees their own and the shared ones, and who may share is said."""

from __future__ import annotations

from typing import Any

import pytest

from job_console.engine.errors import BadRequest, Forbidden
from job_console.engine.jobs import limits
from job_console.engine.redis import forget, keys
from job_console.engine.service import Console, Engine, Viewer


def sees(console: Console) -> list[tuple[str, bool, bool]]:
    return [(each["name"], each["shared"], each["may_delete"]) for each in console.saved_views.all()["views"]]


def person(engine: Engine, name: str, site: str | None = None, **rights: bool) -> Console:
    return engine.console(Viewer(name, site, **{"may_act": True, **rights}))


def test_each_sees_their_own_and_the_shared_ones(engine: Engine) -> None:
    mia, sam = person(engine, "mia"), person(engine, "sam", may_act=False)
    mia.saved_views.save("Failed", "status:failed", "-ended")
    mia.saved_views.save("Syncs", "method:sync_*", shared=True)
    sam.saved_views.save("Failed", "status:failed user:sam")  # who only looks keeps views, too
    assert sees(mia) == [("Failed", False, True), ("Syncs", True, True)]
    assert sees(sam) == [("Failed", False, True), ("Syncs", True, False)]
    assert sees(person(engine, "mia", "acme.com")) == [], "a site sees other jobs, and has its own"
    (mine, _shared) = mia.saved_views.all()["views"]
    assert (mine["q"], mine["sort"], mine["owner"]) == ("status:failed", "-ended", "mia")
    assert [mia.saved_views.all()["may_share"], sam.saved_views.all()["may_share"]] == [True, False]


def test_a_name_stands_once(engine: Engine) -> None:
    mia = person(engine, "mia")
    mia.saved_views.save("Failed", "status:failed")
    mia.saved_views.save(" failed ", "status:failed age:<1d")
    assert [each["q"] for each in mia.saved_views.all()["views"]] == ["status:failed age:<1d"]


def test_sharing_takes_the_right_to_operate(engine: Engine) -> None:
    mia, ann = person(engine, "mia"), person(engine, "ann", may_operate=False)
    for viewer in (ann, person(engine, "sam", may_act=False)):
        with pytest.raises(Forbidden):
            viewer.saved_views.save("Mine", "status:failed", shared=True)
    (view,) = mia.saved_views.save("Syncs", "method:sync_*", shared=True)["views"]
    with pytest.raises(Forbidden):
        ann.saved_views.delete(view["id"])
    assert person(engine, "tom").saved_views.delete(view["id"])["views"] == []
    trail = [(each["action"], each["actor"], each["detail"]) for each in mia.actions.audit()["entries"]]
    assert trail == [("delete_view", "tom", "Syncs: method:sync_*"), ("save_view", "mia", "Syncs: method:sync_*")]


def test_nobody_deletes_what_another_person_keeps(engine: Engine) -> None:
    (view,) = person(engine, "mia").saved_views.save("Mine", "status:failed")["views"]
    with pytest.raises(BadRequest, match="no such view"):
        person(engine, "tom").saved_views.delete(view["id"])


@pytest.mark.parametrize(
    ("name", "q", "sort"),
    [("", "x", ""), ("n" * 61, "x", ""), ("n", "metod:x", ""), ("n", "", ""), ("n", "x", "colour")],
)
def test_what_makes_no_sense_is_refused(engine: Engine, name: str, q: str, sort: str) -> None:
    with pytest.raises(BadRequest):
        person(engine, "mia").saved_views.save(name, q, sort)


def test_they_are_bounded(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VIEWS_OF_A_PERSON", 2)
    monkeypatch.setattr(limits, "VIEWS", 3)
    mia, tom = person(engine, "mia"), person(engine, "tom")
    for name in ("a", "b"):
        mia.saved_views.save(name, "x")
    with pytest.raises(BadRequest, match="at most 2"):
        mia.saved_views.save("c", "x")
    mia.saved_views.save("A", "y")  # changed, and no further one
    mia.saved_views.save("c", "x", shared=True)
    with pytest.raises(BadRequest, match="At most 3"):
        tom.saved_views.save("d", "x")


def test_what_is_no_view_of_ours_is_left_out(engine: Engine, redis: Any) -> None:
    mia = person(engine, "mia")
    mia.saved_views.save("a", "x")
    (key,) = redis.keys(keys.OURS + "saved_views*")
    redis.hset(key, mapping={"1": "no JSON", "2": "[1]", "3": '["n", "q", "", "mia", null, false]'})
    assert sees(mia) == [("a", False, True)]


def test_a_site_that_leaves_takes_its_own(engine: Engine, redis: Any) -> None:
    person(engine, "mia@acme.com", "acme.com").saved_views.save("a", "x")
    person(engine, "mia@acme.com", "b.org").saved_views.save("a", "x")
    person(engine, "mia@acme.com").saved_views.save("a", "x")
    forget.of_site(redis, "acme.com")
    assert sees(person(engine, "mia@acme.com", "acme.com")) == []
    assert len(sees(person(engine, "mia@acme.com", "b.org"))) == 1
    assert len(sees(person(engine, "mia@acme.com"))) == 1
