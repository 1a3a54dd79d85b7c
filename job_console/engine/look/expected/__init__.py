"""When waiting work should start: one figure for an explanation, the lanes of a look, the page and the command line.

`reading` reads what tells how fast work goes (beside the looks), `durations` makes of it how long a method runs,
`playing` plays through what waits on the workers that there are, `foresee` asks it about a look at the bench.
"""
