"""Holds: a queue that is paused, a worker that is quiet, a method that is paused, a bench that is suspended.

RQ can suspend all workers (`rq:suspended`) and stop one; it has no pause of one queue. Ways to make one:

- *Move the waiting jobs aside, and back at the end.* Works with any worker, but not for what comes meanwhile: a worker
  that waits in BLPOP gets a new job the moment that it is pushed, and no script can come between. And somebody must
  move them back: when whoever should has died, or Job Console is gone, they wait for ever, in a list that no worker,
  `job.cancel()` or other tool knows.
- *Take each job and put it away again* (a limit of 0, as `concurrency` has them). A fork for each of thousands of
  jobs, whose order depends on who puts them away; and again somebody must bring them back.
- *Not take them.* The worker asks, before it waits for work, which of its queues it may take from, and waits for those
  alone. Jobs stay in RQ's own list, in their order, and every tool sees them there. The hold is a line in Redis with an
  end: when it ends, is lifted or is lost with our keys, or when Job Console is removed, workers take again. Nothing has
  to be moved back, so nothing can be lost, doubled or left behind by whatever dies in the middle.

The third one it is (`obey`). Its price: the worker's process must run our few lines. In a bench each does:
`bench worker` and `bench worker-pool` load `job_console.commands` before they begin, whichever sites have the app. They
stay RQ's (and Frappe's) own workers: one method that takes the next job is wrapped, in rq 1.15 to 2.7. Other workers
load it by `rq worker -c job_console.engine.operate.rq_settings`. A worker that does not run it cannot be held: it is
known which ones do (`keys.OBEDIENT`), and who pauses a queue is told which do not.

What a worker popped while the hold was being written goes back to the head of its queue before anything of it runs
(lua/hand_back.lua). Two workers that give back at the same moment may exchange their two jobs; nothing else changes its
order. A worker killed between pop and giving back leaves what RQ leaves there as well: a ghost, which is found and
mended. A suspension has the same gap in RQ (each idle worker takes one more job), and is closed here too.

A method's jobs stand among those of others, so they are taken, and parked before they begin (`runtime.run.policy`).
"""
