# ruff: noqa: E501  a row is a fact, and stands on one line
"""Facts, and what each detector says of them: what makes it speak, and what must leave it silent."""

from __future__ import annotations

from dataclasses import replace

from job_console.engine.models.bench import Bench, Counts, Ghost
from job_console.engine.models.ended_well import EndedWell
from job_console.engine.models.holds import Hold
from job_console.engine.models.progress import Chunks
from job_console.engine.models.schedule import Sight
from job_console.engine.models.sweeps import Lost, Memory

from .build import (
    LONG,
    SHORT,
    SITE,
    ago,
    bench,
    burst,
    call,
    entry,
    failed,
    job,
    lane,
    missed,
    ready,
    redis_health,
    repeated,
    ruled,
    running,
    said,
    schedule,
    usual,
    worker,
)

PAUSE = Hold("queue", SHORT, "mia", "the bank is down.", ago(60), ago(-7200))
BUSY = [worker()]
OTHERS_BUSY = {"workers": [worker(job_id="x", queues=(SHORT, LONG))], "held": {"x": running("x", queue=LONG)}}
HISTORY = {"shop.sync": usual()}
GONE = Sight("h", ago(60), ago(50), ago(2))
READY = ready(541)
LOST = running("s1", 900, worker="dead", call=call("shop.pull"), queue=LONG)
TABLE: list[tuple[str, list[str], Bench]] = [
    ("an empty bench", [], bench()),
    ("a waiting job", [], bench(lane(head=(job(),)))),
    ("a running job", [], bench(lane(running=(running(),)), workers=BUSY)),
    # overrunning
    ("4 times its median", ["overrunning"], bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual=HISTORY)),
    ("within its tail", [], bench(lane(running=(running(ran=400, timeout_s=1500),)), workers=BUSY, usual=HISTORY)),
    ("too little history", [], bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual={"shop.sync": usual(runs=9)})),
    ("far beyond, but a blink", [], bench(lane(running=(running(ran=50),)), workers=BUSY, usual={"shop.sync": usual(median_s=0.1, p99_s=0.2)})),
    ("far beyond, and near its timeout", ["overrunning"], bench(lane(running=(running(ran=1300, timeout_s=1500),)), workers=BUSY, usual=HISTORY)),
    ("near its timeout", ["timeout_near"], bench(lane(running=(running(ran=1300, timeout_s=1500),)), workers=BUSY)),
    ("near it, and hands over by itself", [], bench(lane(running=(running(ran=1300, timeout_s=1500, progress=said(chunks=Chunks())),)), workers=BUSY)),
    ("near it, and stuck in a chunk", ["timeout_near"], bench(lane(running=(running(ran=1300, timeout_s=1500, progress=said(at=ago(40), chunks=Chunks())),)), workers=BUSY)),
    ("near it, but was given more", [], bench(lane(running=(running(ran=1220, timeout_s=1500, progress=said(extended_s=45)),)), workers=BUSY)),
    ("past it, and was given more", ["timeout_near"], bench(lane(running=(running(ran=340, progress=said(extended_s=45)),)), workers=BUSY)),
    ("past that too", ["past_timeout"], bench(lane(running=(running(ran=376, progress=said(extended_s=45)),)), workers=BUSY)),
    ("never timed", [], bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual={"shop.sync": usual(median_s=None, p99_s=None)})),
    ("no timeout", ["overrunning"], bench(lane(running=(running(ran=721, timeout_s=-1),)), workers=BUSY, usual=HISTORY)),
    ("beyond usual and timeout", ["past_timeout"], bench(lane(running=(running(ran=900),)), workers=BUSY, usual=HISTORY)),
    ("beyond usual, worker lost", ["worker_lost"], bench(lane(running=(running(ran=721, timeout_s=1500, lease_until=ago(1)),)), usual=HISTORY)),
    # overrunning, by policy
    ("beyond what its policy expects", ["overrunning"], bench(lane(running=(running(ran=25),)), workers=BUSY, policies=ruled(expected_s=10))),
    ("within what its policy expects", [], bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual=HISTORY, policies=ruled(expected_s=600))),
    ("its policy has a factor", [], bench(lane(running=(running(ran=25),)), workers=BUSY, policies=ruled(expected_s=10, overrun_factor=3))),
    ("beyond its policy's timeout, enqueued without it", ["overrunning"], bench(lane(running=(running(ran=45),)), workers=BUSY, policies=ruled(timeout_s=40))),
    ("its policy says nothing of time", ["overrunning"], bench(lane(running=(running(ran=721, timeout_s=1500),)), workers=BUSY, usual=HISTORY, policies=ruled(attempts=3))),
    ("another site's policy", [], bench(lane(running=(running(ran=25),)), workers=BUSY, policies=ruled("b.localhost", expected_s=10))),
    # in_limbo
    ("between queue and start", ["in_limbo"], bench(lane(intermediate=(job(),)))),
    ("started from there", [], bench(lane(intermediate=(running(),), running=(running(),)), workers=BUSY)),
    ("a worker has it", [], bench(lane(intermediate=(job(),)), workers=BUSY, held={"j1": job()})),
    # starved, by policy
    ("waited longer than its policy lets it", ["starved"], bench(lane(head=(job(enqueued_at=ago(61)),)), lane(LONG), policies=ruled(longest_wait_s=60), **OTHERS_BUSY)),
    ("its policy is patient", [], bench(lane(head=(job(enqueued_at=ago(400)),)), lane(LONG), policies=ruled(longest_wait_s=900), **OTHERS_BUSY)),
    ("one behind the first waited too long for its policy", ["starved"], bench(lane(head=(job("a", call=call("shop.pull")), job("b", enqueued_at=ago(61)))), lane(LONG), policies=ruled(longest_wait_s=60), **OTHERS_BUSY)),
    # starved
    ("waited too long for others", ["starved"], bench(lane(head=(job(enqueued_at=ago(301)),)), lane(LONG), **OTHERS_BUSY)),
    ("two lanes wait for the same workers", ["starved"], bench(lane(head=(job(enqueued_at=ago(301)),)), lane(LONG, head=(job("b", enqueued_at=ago(400)),)), **OTHERS_BUSY)),
    ("two lanes wait for different ones", ["starved", "starved"], bench(lane(head=(job(enqueued_at=ago(301)),)), lane(LONG, head=(job("b", enqueued_at=ago(400)),)), workers=[worker(job_id="x"), worker("w2", job_id="y", queues=(LONG,))], held={"x": running("x", queue=LONG), "y": running("y", queue=LONG)})),
    ("waited, not too long", [], bench(lane(head=(job(enqueued_at=ago(299)),)), **OTHERS_BUSY)),
    ("long jobs are patient", [], bench(lane(head=(job(enqueued_at=ago(1400), timeout_s=1500),)), **OTHERS_BUSY)),
    ("nobody serves it", ["no_workers"], bench(lane(head=(job(enqueued_at=ago(400)),)), workers=[])),
    ("one that is busy may serve any lane: its record has lost which", [], bench(lane(head=(job(enqueued_at=ago(400)),)), lane(LONG, running=(running("x", queue=LONG),)), workers=[worker(job_id="x", queues=(), unregistered=True)], held={"x": running("x", queue=LONG)})),
    ("one that is idle would have taken it", ["no_workers"], bench(lane(head=(job(enqueued_at=ago(400)),)), workers=[worker(state="idle", queues=(), unregistered=True)])),
    ("one worker is free", [], bench(lane(head=(job("waits", enqueued_at=ago(400)),)), workers=[worker(), worker("w2", "idle")])),
    ("its worker runs it, and it waits again", ["duplicated"], bench(lane(head=(job(enqueued_at=ago(9)),)), workers=[worker()])),
    ("suspended", ["suspended"], bench(lane(head=(job(enqueued_at=ago(400)),)), suspended=True, **OTHERS_BUSY)),
    # paused
    ("paused, and work waits", ["paused"], bench(lane(head=(job(enqueued_at=ago(400)),), paused=PAUSE), **OTHERS_BUSY)),
    ("paused, and nobody serves it", ["paused"], bench(lane(head=(job(enqueued_at=ago(400)),), paused=PAUSE), workers=[])),
    ("paused, and its worker idle for long", ["paused"], bench(lane(head=(job(enqueued_at=ago(400)),), paused=PAUSE), workers=[worker(state="idle", heartbeat_at=ago(200))])),
    ("its only worker is quiet", ["no_workers"], bench(lane(head=(job(enqueued_at=ago(400)),)), workers=[worker(state="idle", quiet=PAUSE)])),
    ("a quiet worker, and nothing waits", [], bench(lane(), workers=[worker(state="idle", quiet=PAUSE)])),
    ("a method is paused", ["paused"], bench(lane(), holds={"method|a.localhost:shop.sync": Hold("method", "a.localhost:shop.sync", "mia", "why", ago(60), ago(-600))})),
    # overloaded
    ("near the wall", ["overloaded"], bench(lane(counts=Counts(queued=495)), enqueue_limit=550)),
    ("far from it", [], bench(lane(counts=Counts(queued=494)), enqueue_limit=550)),
    ("no wall known", [], bench(lane(counts=Counts(queued=494_000)))),
    # scheduled_overdue
    ("due, no scheduler", ["scheduled_overdue"], bench(lane(overdue=(job(status="scheduled", due_at=ago(16)),)))),
    ("just due", [], bench(lane(overdue=(job(status="scheduled", due_at=ago(14)),)))),
    ("due, RQ's scheduler is at it", [], bench(lane(overdue=(job(status="scheduled", due_at=ago(200)),), has_mover=True))),
    ("due, and nobody keeps the lock of RQ's scheduler", ["scheduled_overdue"], bench(lane(overdue=(job(status="scheduled", due_at=ago(16)),), stray_lock=True))),
    ("due, and a retry that we move", [], bench(lane(overdue=(job(status="scheduled", due_at=ago(60), retry_at=ago(60)),)))),
    ("due, and put off by its circuit", [], bench(lane(overdue=(job(status="scheduled", due_at=ago(900), retry_at=ago(-30)),)))),
    ("a retry that nobody has moved for long", ["scheduled_overdue"], bench(lane(overdue=(job(status="scheduled", due_at=ago(301), retry_at=ago(301)),)))),
    ("long due all the same", ["scheduled_overdue"], bench(lane(overdue=(job(status="scheduled", due_at=ago(301)),), has_mover=True))),
    # blocked_dependency
    *[
        (f"waits for one {status}", expected, bench(lane(deferred=(job(status="deferred", dependencies=("d",)),)), dependencies={"d": status}))
        for status, expected in [
            ("failed", ["blocked_dependency"]),
            ("stopped", ["blocked_dependency"]),
            ("canceled", ["blocked_dependency"]),
            (None, ["blocked_dependency"]),
            ("finished", ["blocked_dependency"]),
            ("queued", []),
            ("started", []),
            ("deferred", []),
            ("scheduled", []),
        ]
    ],
    *[
        (f"waits for one {status}, and may run after a failure", ["blocked_dependency"], bench(lane(deferred=(job(status="deferred", dependencies=("d",), allows_failures=True),)), dependencies={"d": status}))
        for status in ("stopped", "canceled")
    ],
    ("waits for one nobody asked", [], bench(lane(deferred=(job(status="deferred", dependencies=("d",)),)))),
    ("one of two has finished", [], bench(lane(deferred=(job(status="deferred", dependencies=("d", "e")),)), dependencies={"d": "finished", "e": "started"})),
    ("one of two is not known", [], bench(lane(deferred=(job(status="deferred", dependencies=("d", "e")),)), dependencies={"d": "finished"})),
    # undecodable
    ("bytes that are no payload", ["undecodable"], bench(lane(head=(job(call=call(kind="unreadable", broken=True, problem="no pickle")),)))),
    ("a payload too large to show", [], bench(lane(head=(job(call=call(kind="unreadable", problem="too large")),)))),
    ("a worker just failed on it", ["undecodable"], bench(lane(failures=(job(status="failed", ended_at=ago(60), call=call(broken=True, problem="no pickle")),)))),
    ("a worker failed on it yesterday", [], bench(lane(failures=(job(status="failed", ended_at=ago(86_400), call=call(broken=True)),)))),
    # killed
    ("killed", ["killed"], bench(failed_lately=(failed(60, kind="WorkHorseTerminated"),))),
    ("abandoned twice", ["killed"], bench(failed_lately=(failed(60, kind="AbandonedJobError"), failed(90, kind="WorkHorseTerminated")))),
    ("two methods killed", ["killed", "killed"], bench(failed_lately=(failed(60, kind="AbandonedJobError"), failed(90, "shop.b", "AbandonedJobError")))),
    ("killed long ago", [], bench(failed_lately=(failed(3601, kind="WorkHorseTerminated"),))),
    ("failed by itself", [], bench(failed_lately=(failed(60),))),
    # crash_loop
    ("killed five times", ["killed"], bench(failed_lately=tuple(failed(60 * n, kind="WorkHorseTerminated") for n in range(1, 6)))),
    ("five failures, killed once", ["crash_loop", "killed"], bench(failed_lately=(failed(1, kind="WorkHorseTerminated"), *(failed(60 * n) for n in range(1, 6))))),
    ("five failures", ["crash_loop"], bench(failed_lately=tuple(failed(60 * n) for n in range(1, 6)))),
    ("four failures", [], bench(failed_lately=tuple(failed(60 * n) for n in range(1, 5)))),
    ("five over an hour", [], bench(failed_lately=tuple(failed(600 * n) for n in range(1, 6)))),
    ("five, and a success", [], bench(failed_lately=tuple(failed(60 * n) for n in range(1, 6)), succeeded_at={(SITE, "shop.sync"): ago(300)})),
    ("five, and a success on another site", ["crash_loop"], bench(failed_lately=tuple(failed(60 * n) for n in range(1, 6)), succeeded_at={("b.localhost", "shop.sync"): ago(300)})),
    ("five, and a success before", ["crash_loop"], bench(failed_lately=tuple(failed(60 * n) for n in range(1, 6)), succeeded_at={(SITE, "shop.sync"): ago(901)})),
    ("five of five methods", [], bench(failed_lately=tuple(failed(60, f"shop.m{n}") for n in range(5)))),
    # duplicated
    ("five times the same", ["duplicated"], bench(repeated=(repeated(),))),
    ("four times", [], bench(repeated=(repeated(4),))),
    ("not for long", [], bench(repeated=(repeated(50, since=299),))),
    # scheduler_down, missed_run, blocked_schedule
    ("a schedule in order", [], bench(schedule=schedule(entry()))),
    ("off", ["scheduler_down"], bench(schedule=schedule(entry(), running=False, reason="it is paused"))),
    ("off, but that was long ago", [], bench(schedule=schedule(entry(), running=False, read_at=ago(121)))),
    ("off, and late for it", ["scheduler_down"], bench(schedule=schedule(entry(due_at=ago(4000)), running=False))),
    ("nothing to tick for", [], bench(schedule=schedule(entry(), ticked_at=ago(40_000)))),
    ("no tick since it is ready", ["scheduler_down"], bench(schedule=schedule(READY, ticked_at=ago(542)))),
    ("two schedulers", ["scheduler_down"], bench(schedule=schedule(entry(), tickers=("a (process 1)", "b (process 2)")))),
    ("one scheduler", [], bench(schedule=schedule(entry(), tickers=("a (process 1)",)))),
    ("never ticked", ["scheduler_down"], bench(schedule=schedule(READY, ticked_at=None))),
    ("its process is there", ["scheduler_down"], bench(schedule=schedule(READY, ticked_at=None, process=True, host="h"))),
    ("late by one tick", [], bench(schedule=schedule(ready(301), ticked_at=ago(302)))),
    ("late by one tick, and no process", ["scheduler_down"], bench(schedule=schedule(ready(301), ticked_at=ago(302), process=False, host="h"))),
    ("no tick, but that was long ago", [], bench(schedule=schedule(READY, ticked_at=ago(542), read_at=ago(121)))),
    ("its process is gone", ["scheduler_down"], bench(schedule=schedule(entry(), sights=(GONE,)))),
    ("gone, and nobody has read the schedule for long", ["scheduler_down"], bench(schedule=schedule(ready(900), read_at=ago(400), sights=(GONE,)))),
    ("gone, and it was off when it was read long ago", [], bench(schedule=schedule(entry(), read_at=ago(400), running=False, sights=(GONE,)))),
    ("long overdue, and it was started just now", [], bench(schedule=schedule(ready(9000), ticked_at=None, sights=(Sight("h", ago(2), None, ago(2), ago(120)),)))),
    ("long overdue, and it is just being restarted", [], bench(schedule=schedule(ready(9000), ticked_at=None, sights=(Sight("h", ago(8), ago(5), ago(2), ago(120)),)))),
    ("long overdue, and it runs for long", ["scheduler_down"], bench(schedule=schedule(ready(9000), ticked_at=None, sights=(Sight("h", ago(2), None, ago(2), ago(600)),)))),
    ("gone for less than a restart takes", [], bench(schedule=schedule(entry(), sights=(replace(GONE, gone_at=ago(22)),)))),
    ("it was gone when somebody looked last, a while ago", [], bench(schedule=schedule(entry(), sights=(replace(GONE, gone_at=ago(90), seen_at=ago(25)),)))),
    ("it is there again", [], bench(schedule=schedule(entry(), sights=(replace(GONE, held_at=ago(2), gone_at=None),)))),
    ("gone, and held on another host", [], bench(schedule=schedule(entry(), sights=(GONE, Sight("h2", ago(200), None, ago(200)))))),
    ("gone, and on another host long ago", ["scheduler_down"], bench(schedule=schedule(entry(), sights=(GONE, Sight("h2", ago(4000), None, ago(4000)))))),
    ("gone, and another one has ticked since", [], bench(schedule=schedule(entry(), sights=(GONE,), tells_ticks=True, ticked_at=ago(20)))),
    ("gone after its last tick", ["scheduler_down"], bench(schedule=schedule(entry(), sights=(GONE,), tells_ticks=True, ticked_at=ago(60)))),
    ("due, and nothing", ["missed_run"], bench(schedule=schedule(READY))),
    ("due, and finished before", ["missed_run"], bench(schedule=schedule(replace(READY, job_status="finished")))),
    ("due, and passed over once", [], bench(schedule=schedule(ready(539)))),
    ("just set free", [], bench(schedule=schedule(entry(due_at=ago(60_000), ready_since=ago(100))))),
    ("passed over, but that was long ago", [], bench(schedule=schedule(READY, read_at=ago(121)))),
    ("due, and in its way", [], bench(schedule=schedule(entry(due_at=ago(60_000), job_status="queued")))),
    ("one passed over, then no tick", ["scheduler_down"], bench(schedule=schedule(ready(9000), ready(600, record="b"), ticked_at=ago(700)))),
    ("due, and still running", [], bench(lane(LONG, running=(running("s1", 900, timeout_s=1500),)), workers=[worker(job_id="s1")], schedule=schedule(entry(due_at=ago(541), job_status="started")))),
    ("a ghost in its way", ["blocked_schedule"], bench(ghosts=(Ghost(job("s1", enqueued_at=ago(61_000)), "queued"),), schedule=schedule(entry(due_at=ago(60_000), job_status="queued")))),
    ("its run lost its worker", ["blocked_schedule"], bench(lane(LONG, running=(LOST,)), schedule=schedule(entry(job_status="started")))),
    ("its run ignores its alarm", ["blocked_schedule"], bench(lane(LONG, running=(running("s1", 900),)), workers=[worker(job_id="s1")], schedule=schedule(entry(job_status="started")))),
    ("its run takes for ever", ["blocked_schedule"], bench(lane(LONG, running=(running("s1", 900, timeout_s=1500),)), workers=[worker(job_id="s1")], usual=HISTORY, schedule=schedule(entry(job_status="started")))),
    ("counted from a date in the future", ["blocked_schedule"], bench(schedule=schedule(entry(due_at=ago(-9000), future_at=ago(-8000), future_of="creation"), entry(record="b", future_at=ago(-4000), future_of="last run")))),
    ("it is paused all the same", [], bench(schedule=schedule(entry(due_at=ago(-9000), future_at=ago(-8000), future_of="creation", stopped=True)))),
    ("that date has passed by now", [], bench(schedule=schedule(entry(future_at=ago(8), future_of="creation")))),
    ("no date will ever come", ["blocked_schedule"], bench(schedule=schedule(entry(due_at=None, problem="No date matches it.")))),
    ("no date, but stopped", [], bench(schedule=schedule(entry(due_at=None, problem="No date matches it.", stopped=True)))),
    ("odd, but it runs", [], bench(schedule=schedule(entry(problem="6 fields are too many.")))),
    ("its run is in limbo", ["blocked_schedule"], bench(lane(LONG, intermediate=(job("s1"),)), schedule=schedule(entry(job_status="queued")))),
    ("a ghost of a run beside", ["blocked_schedule"], bench(ghosts=(Ghost(job("s1||2", enqueued_at=ago(61_000)), "queued"),), schedule=schedule(entry(due_at=ago(60_000), job_status="queued")))),
    ("a run beside lost its worker", ["blocked_schedule"], bench(lane(LONG, running=(replace(LOST, id="s1||2"),)), schedule=schedule(entry(job_status="started")))),
    # failure_burst
    ("half of twenty failed", ["failure_burst"], bench(**burst(10, 10))),
    ("of one method, which also succeeds", ["failure_burst"], bench(**burst(10, 10, methods=1))),
    ("a tenth failed", [], bench(**burst(10, 90))),
    ("few runs", [], bench(**burst(5, 4))),
    ("few failures", [], bench(**burst(4, 6))),
    ("half failed, before", [], bench(**burst(10, 10, window_s=9))),
    ("half were killed", ["killed", "killed"], bench(**burst(10, 10, kind="AbandonedJobError"))),
    ("half failed, of methods that only fail", ["crash_loop", "crash_loop"], bench(**{**burst(10, 10), "succeeded_at": {}})),
    ("half failed, successes counted by the jobs themselves", [], bench(**{**burst(10, 10), "ended_well": EndedWell(ago(300), {}, 90)})),
    ("a burst beside a method that only fails", ["crash_loop", "failure_burst"], bench(**{**burst(12, 8), "succeeded_at": {(SITE, "shop.m0"): ago(5)}})),
    # no_workers: they end as soon as they start
    ("just begun beside old work", ["no_workers"], bench(lane(head=(job(enqueued_at=ago(60)),)), workers=[worker(state="idle", born_at=ago(4))])),
    ("begun a while ago", [], bench(lane(head=(job(enqueued_at=ago(30)),)), workers=[worker(state="idle", born_at=ago(5))])),
    ("just begun, and has run one", [], bench(lane(head=(job(enqueued_at=ago(30)),)), workers=[worker(state="idle", born_at=ago(4), jobs_ended=1)])),
    ("just begun, and runs one", [], bench(lane(head=(job(enqueued_at=ago(30)),), running=(running(),)), workers=[worker(born_at=ago(4))])),
    ("just begun beside new work", [], bench(lane(head=(job(enqueued_at=ago(19)),)), workers=[worker(state="idle", born_at=ago(4))])),
    # workers_shrank
    ("a worker died", ["workers_shrank"], bench(lane(), memory=Memory(recent_workers=(missed(),)))),
    ("it died a moment ago", [], bench(lane(), memory=Memory(recent_workers=(missed(lost=29),)))),
    ("another one came in its place", [], bench(lane(), workers=[worker("w9", "idle", born_at=ago(50))], memory=Memory(recent_workers=(missed(),)))),
    ("one came for two", ["workers_shrank"], bench(lane(), workers=[worker("w9", "idle", born_at=ago(50))], memory=Memory(recent_workers=(missed(), missed("d2"))))),
    ("the others were there before", ["workers_shrank"], bench(lane(), workers=[worker("w9", "idle", born_at=ago(5000))], memory=Memory(recent_workers=(missed(),)))),
    ("it is back", [], bench(lane(), memory=Memory(recent_workers=(missed("w0"),)))),
    ("it lives", [], bench(lane(), memory=Memory(recent_workers=(missed(lost_at=None),)))),
    ("all died, and work waits", ["no_workers"], bench(lane(head=(job(enqueued_at=ago(60)),)), workers=[], memory=Memory(recent_workers=(missed(),)))),
    ("all died, and nothing waits", ["workers_shrank"], bench(lane(), workers=[], memory=Memory(recent_workers=(missed(),)))),
    ("it left a job", ["worker_lost"], bench(lane(running=(running(worker="dead", lease_until=ago(1)),)), memory=Memory(recent_workers=(missed(),)))),
    # memory_lost
    ("Redis lost its data", ["memory_lost"], bench(memory=Memory(lost=Lost(ago(60), 50_000, ago(63))))),
    ("long ago", [], bench(memory=Memory(lost=Lost(ago(3601), 50_000, ago(3603))))),
    # redis_pressure
    ("memory to spare", [], bench(redis=redis_health(0.89))),
    ("nearly full", ["redis_pressure"], bench(redis=redis_health(0.9))),
    ("may evict", ["redis_pressure"], bench(redis=redis_health(0.75, "allkeys-lru"))),
    ("may evict, one day", [], bench(redis=redis_health(0.74, "allkeys-lru"))),
    ("may evict records", ["redis_pressure"], bench(redis=redis_health(0.8, "volatile-ttl"))),
    ("policy not told", [], bench(redis=redis_health(0.8, None))),
    # worker_stale
    ("busy with nothing", ["worker_stale"], bench(workers=[worker(job_id=None, heartbeat_at=ago(4))])),
    ("between two jobs", [], bench(workers=[worker(job_id=None, heartbeat_at=ago(1))])),
    ("idle beside old work", ["worker_stale"], bench(lane(head=(job(enqueued_at=ago(70)),)), workers=[worker(state="idle", heartbeat_at=ago(65))])),
    ("idle, just woken", [], bench(lane(head=(job(enqueued_at=ago(70)),)), workers=[worker(state="idle", heartbeat_at=ago(5))])),
    ("idle beside new work", [], bench(lane(head=(job(enqueued_at=ago(2)),)), workers=[worker(state="idle", heartbeat_at=ago(300))])),
    ("its clock is set ahead in its job", ["worker_stale"], bench(lane(running=(running(started_at=ago(5), timeout_s=300, lease_until=ago(-690)),)), workers=[worker(heartbeat_at=ago(-600), expires_in_s=90.0)])),
    ("near its timeout", ["timeout_near"], bench(lane(running=(running(started_at=ago(290), timeout_s=300, lease_until=ago(-10)),)), workers=[worker(heartbeat_at=ago(5), expires_in_s=90.0)])),
    # worker_deaf
    ("nobody listens", ["worker_deaf"], bench(workers=[worker("w1", "idle", deaf=True, born_at=ago(11))])),
    ("not yet", [], bench(workers=[worker("w1", "idle", deaf=True, born_at=ago(9))])),
    ("told to stop", [], bench(workers=[worker("w1", deaf=True, born_at=ago(11), draining_since=ago(5))])),
    ("Redis has just started", [], bench(workers=[worker("w1", "idle", deaf=True, born_at=ago(11))], redis=replace(redis_health(0.1), uptime_s=119.0))),
    ("a replica", ["redis_pressure"], bench(workers=[worker("w1", "idle", deaf=True, born_at=ago(11))], redis=replace(redis_health(0.1), replica_of="primary"))),
    ("idle, work elsewhere", ["no_workers"], bench(lane(LONG, head=(job(enqueued_at=ago(70)),)), workers=[worker(state="idle", heartbeat_at=ago(300))])),
]  # fmt: skip
