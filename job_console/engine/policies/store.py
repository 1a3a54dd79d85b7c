"""Policies in Redis, so that they apply when the database is down: a site publishes them, every process reads them.

One hash per site: `=METHOD`, `@SCHEDULED JOB TYPE`, `@=METHOD OF THAT TYPE` and `*GLOB` hold a policy each, `globs` the
globs alone, most precise first. So a job's own process reads its policy without the others, and a process that handles
many jobs reads all policies and caches them by their version. The index holds each site's version. The size is bounded
by what people write; there is no TTL, because a policy that expired by itself would be worse than none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..models.policies import Policy, from_json, to_json
from ..models.policy_match import Policies, PolicySet, by_precision, fits
from ..redis import keys
from ..redis.link import Pipeline, Redis, pipelined, script
from . import limits

if TYPE_CHECKING:
    from ..models.jobs import Call

_GLOBS = "globs"
_SITE = "site"
#: What a site has chosen for all its jobs.
_COMMIT, _HIDES = "after_commit", "hides_own_jobs"
_TICKET_TTL_S = 86_400


def take_ticket(redis: Redis) -> str:
    """A ticket for `publish`, to be taken before the policies are read from the database."""
    answer: Any = redis.eval(script("policies_ticket"), 1, keys.POLICIES_TICKET, _TICKET_TTL_S)
    return _text(answer)


def publish(
    redis: Redis,
    site: str,
    policies: Iterable[Policy],
    ticket: str,
    after_commit: bool = False,
    hides_own_jobs: bool = False,
) -> bool:
    """Replace all published policies of a site. False: policies that were read later are published already."""
    entries = [part for entry in _entries(tuple(policies)) for part in entry]
    chosen = {name: True for name, on in ((_COMMIT, after_commit), (_HIDES, hides_own_jobs)) if on}
    entries += [_SITE, json.dumps(chosen)] if chosen else []
    names = (keys.policies(site), keys.POLICIES)
    answer: Any = redis.eval(script("publish_policies"), len(names), *names, site, ticket, *entries)
    return bool(answer)


def withdraw(redis: Redis, site: str) -> None:
    """Remove the site's policies, and its version with them."""
    pipeline = pipelined(redis)
    pipeline.delete(keys.policies(site))
    pipeline.hdel(keys.POLICIES, site)
    pipeline.execute()


def _entries(policies: tuple[Policy, ...]) -> Iterable[tuple[str, str]]:
    for policy in policies:
        text = json.dumps(to_json(policy), separators=(",", ":"))
        if policy.kind == "method":
            yield f"={policy.pattern}", text
        elif policy.kind == "schedule":
            yield f"@{policy.pattern}", text
            if policy.scheduled_method:
                yield f"@={policy.scheduled_method}", text
        else:
            yield f"*{policy.pattern}", text
    globs = by_precision(policy for policy in policies if policy.kind == "glob")
    if globs:
        yield _GLOBS, json.dumps([policy.pattern for policy in globs])


def version_of(pipeline: Pipeline, site: str) -> None:
    """Ask for the version of a site's policies; give the answer to `PolicyCache.answered`."""
    pipeline.hget(keys.POLICIES, site)


class PolicyCache:
    """A cache of the policies of all sites. Thread-safe."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = monotonic) -> None:
        self.redis = redis
        self._clock = clock
        self._lock = Lock()
        self._policy_sets: dict[str, tuple[str, PolicySet]] = {}
        self._looked: dict[str, float] = {}

    def all(self) -> Policies:
        """One round trip, two when something has changed."""
        index: Any = self.redis.hgetall(keys.POLICIES)
        versions = {_text(site): _text(version) for site, version in index.items()}
        with self._lock:
            self._refresh(versions)
            self._policy_sets = {site: known for site, known in self._policy_sets.items() if site in versions}
            return Policies({site: policy_set for site, (_version, policy_set) in self._policy_sets.items()})

    def of(self, site: str) -> PolicySet | None:
        """The policies of a site, at most `limits.POLICIES_TTL_S` old; no round trip within that time. None: none are
        published.
        """
        with self._lock:
            if not self._is_fresh(site) or site not in self._policy_sets:
                self._look(site)
            return self._known(site)

    def known(self, site: str) -> PolicySet | None:
        """As `of`; that nothing is published, or that Redis did not answer, is cached for the same time."""
        with self._lock:
            if not self._is_fresh(site):
                self._look(site)
            return self._known(site)

    def asks(self, site: str) -> bool:
        """Whether `known` would ask Redis now."""
        with self._lock:
            return not self._is_fresh(site)

    def answered(self, site: str, version: Any) -> None:
        """Take the answer to `version_of`, from a round trip that was made anyway. A new version is read later."""
        with self._lock:
            known = self._policy_sets.get(site, ("",))[0]
            if known == ("" if version is None else _text(version)):
                self._looked[site] = self._clock()

    def _is_fresh(self, site: str) -> bool:
        return self._clock() - self._looked.get(site, float("-inf")) < limits.POLICIES_TTL_S

    def _known(self, site: str) -> PolicySet | None:
        known = self._policy_sets.get(site)
        return known[1] if known else None

    def _look(self, site: str) -> None:
        self._looked[site] = self._clock()
        version: Any = self.redis.hget(keys.POLICIES, site)
        if version is None:
            self._policy_sets.pop(site, None)
        else:
            self._refresh({site: _text(version)})

    def forget(self, site: str) -> None:
        with self._lock:
            self._looked.pop(site, None)

    def _refresh(self, versions: Mapping[str, str]) -> None:
        changed = [site for site, version in versions.items() if self._policy_sets.get(site, ("",))[0] != version]
        if not changed:
            return
        pipeline = pipelined(self.redis)
        for site in changed:
            pipeline.hgetall(keys.policies(site))
        for site, entries in zip(changed, pipeline.execute(), strict=True):
            self._policy_sets[site] = (versions[site], PolicySet(_policies(entries), **_chosen(entries)))


def _chosen(entries: Mapping[Any, Any]) -> dict[str, bool]:
    try:
        found = json.loads(entries.get(_SITE.encode(), b"{}"))
        return {name: bool(found.get(name)) for name in (_COMMIT, _HIDES)}
    except (ValueError, AttributeError):
        return {}


def _policies(entries: Mapping[Any, Any]) -> Iterable[Policy]:
    for name, value in entries.items():
        if _text(name) != _GLOBS and not _text(name).startswith("@="):
            policy = _policy(value)
            if policy is not None:
                yield policy


def ask(pipeline: Pipeline, site: str, call: Call) -> None:
    """Ask for one job's policy; give the answer to `answer`."""
    pipeline.hmget(keys.policies(site), _fields(call))


def answer(redis: Redis, site: str, call: Call, found: Any) -> Policy | None:
    """The policy, from the answer. One more round trip when it is a glob."""
    *own, globs = found
    for value in own:
        if value is not None:
            return _policy(value)
    glob = next((each for each in json.loads(globs or b"[]") if fits(each, call.method)), None)
    return _policy(redis.hget(keys.policies(site), f"*{glob}")) if glob is not None else None


def _fields(call: Call) -> list[str]:
    """The fields of the hash that may hold the policy, in order of precedence, as in `policy_match.PolicySet`."""
    own = [f"={call.method}"]
    if call.scheduled_job is not None:
        own.append(f"@{call.scheduled_job}")
    elif call.kind == "scheduled":
        own.append(f"@={call.method}")
    return [*own, _GLOBS]


def _policy(value: Any) -> Policy | None:
    """A policy from JSON. None: it is not ours, or of an incompatible version; it is ignored then."""
    try:
        return from_json(json.loads(value))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
