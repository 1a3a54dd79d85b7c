"""The storm: random faults on two benches that share a server, over mixed work, while somebody looks.

`python -m tests.storm --seed 7 --faults 2000` makes them one after the other. After each, what has to be said of it is
said within its time, or it is counted as missed; what is said besides, and is not true, is a false word. Then all is
mended by `mend`, what that leaves by a person, and a healthy stretch follows, in which nothing may be said. At the end
each job that was enqueued has ended, once, unless its process was killed.

The seed decides which fault comes, where, when, and the work; each fault has rng of its own, so that one is repeated
alone: `--seed 7 --only 1234`. What real processes do in the same microsecond, no seed decides.
"""
