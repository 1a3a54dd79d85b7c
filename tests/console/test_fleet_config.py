"""The file of a fleet: what may stand in it, and that each mistake is one sentence that says where it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from job_console.console.fleet import config, rights
from job_console.engine.errors import BadRequest
from tests.support.fleets import written

ONE = '[[bench]]\nname = "acme"\nurl = "redis://127.0.0.1:6379"\n'


def test_a_bench_by_url_by_folder_and_by_sentinels(tmp_path: Path) -> None:
    sites = tmp_path / "frappe-bench" / "sites"
    sites.mkdir(parents=True)
    (sites / "common_site_config.json").write_text(json.dumps({"redis_queue": "redis://10.0.0.7:11000"}))
    text = f"""
        [defaults]
        look_every_s = 10
        [[bench]]
        name = "acme"
        url = "rediss://jobs:secret@redis.acme.example:6380/2"
        labels = {{ region = "eu" }}
        answer_timeout_s = 0.5
        [[bench]]
        name = "here"
        folder = "{sites.parent}"
        [[bench]]
        name = "globex"
        sentinels = ["10.0.0.1:26379", "10.0.0.2:26379"]
        service = "jobs"
        password = "secret"
        bench_id = "globex-bench"
    """
    acme, here, globex = config.read(written(tmp_path, text))
    assert str(acme.address.server) == "jobs@redis.acme.example:6380/2"
    assert (acme.labels, acme.look_every_s, acme.answer_timeout_s) == ({"region": "eu"}, 10.0, 0.5)
    assert config.engine_options(acme)["socket_timeout"] == 0.5
    assert str(here.address.server) == "10.0.0.7:11000/0"
    assert here.address.bench == sites.parent
    assert str(globex.address.server) == "jobs (Sentinel 10.0.0.1:26379, 10.0.0.2:26379)"
    assert (globex.bench_id, globex.address.server.login.password) == ("globex-bench", "secret")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0 benches"),
        ("[[bench]\nname = 'secret'", "is no TOML file: line 1"),
        ('[[bench]]\nname = "acme"\nurl = "redis://:secret', "is no TOML file"),
        ("[bench]\nname = 'acme'", r"written \[\[bench\]\]"),
        ("[benches]\n", "'benches' is not known"),
        ("[defaults]\nevery = 1\n" + ONE, r"\[defaults\]: 'every' is not known"),
        ("[[bench]]\nurl = 'redis://127.0.0.1'", "bench 1: it needs a name"),
        ("[[bench]]\nname = '../x'\nurl = 'redis://127.0.0.1'", r"bench 1 \(../x\): it needs a name"),
        (ONE + ONE.replace("acme", "ACME"), r"bench 2 \(ACME\): bench 1 has that name"),
        (ONE + "uri = 'x'", r"bench 1 \(acme\): 'uri' is not known"),
        (ONE + "folder = '/x'", "one of url, folder and sentinels"),
        ("[[bench]]\nname = 'acme'", "one of url, folder and sentinels"),
        ("[[bench]]\nname = 'acme'\nurl = 6379", "url must be a text"),
        ("[[bench]]\nname = 'acme'\nurl = 'http://:secret@x'", r"bench 1 \(acme\): .* is not a Redis URL"),
        ("[[bench]]\nname = 'acme'\nfolder = '/nowhere'", "is no folder of a bench"),
        ("[[bench]]\nname = 'acme'\nsentinels = ['x']\nservice = 'y'", "list of"),
        ("[[bench]]\nname = 'acme'\nsentinels = ['x:1']", "service says"),
        (ONE + "service = 'y'", "service goes with sentinels"),
        (ONE + "labels = { region = 1 }", "labels are texts"),
        (ONE + "look_every_s = 0.1", "look_every_s is a number of seconds from 1 to 3600"),
        (ONE + "answer_timeout_s = true", "answer_timeout_s is a number"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says) as raised:
        config.read(written(tmp_path, text))
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_passwords_are_for_its_owner_alone(tmp_path: Path) -> None:
    path = Path(written(tmp_path, ONE.replace("redis://", "redis://:secret@")))
    config.read(str(path))
    path.chmod(0o640)
    with pytest.raises(BadRequest, match="chmod 600"):
        config.read(str(path))
    path.write_text(ONE)  # nothing in it is secret
    assert [entry.name for entry in config.read(str(path))] == ["acme"]
    with pytest.raises(BadRequest, match="cannot be read"):
        config.read(str(tmp_path / "none"))


BENCHES = ("acme", "globex-eu", "globex-us")


def people(folder: Path, may: str) -> str:
    return written(folder, f"[mia]\ntoken = mia's-own-token-1\n{may}\n", "people.ini")


@pytest.mark.parametrize(
    ("may", "found"),
    [
        ("", {}),
        ("may = acme: look", {"acme": "look"}),
        ("may = acme: operate, globex-*: act", {"acme": "operate", "globex-eu": "act", "globex-us": "act"}),
        ("may =\n    globex-eu: none\n    *: look", {"acme": "look", "globex-us": "look"}),
    ],
)
def test_the_first_that_fits_a_bench_counts_and_nothing_is_allowed_unsaid(
    tmp_path: Path, may: str, found: dict[str, str]
) -> None:
    (someone,) = rights.read(people(tmp_path, may), BENCHES)
    assert someone.rights == found
    (reader,) = rights.read(people(tmp_path, may), BENCHES, read_only=True)
    assert reader.rights == dict.fromkeys(found, "look")


@pytest.mark.parametrize(
    ("may", "says"),
    [
        ("operate", "may is BENCH: look, act, operate or none"),
        ("acme: admin", "may is BENCH"),
        ("acne: look", "no bench is called 'acne'"),
    ],
)
def test_rights_that_are_none(tmp_path: Path, may: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        rights.read(people(tmp_path, f"may = {may}"), BENCHES)
