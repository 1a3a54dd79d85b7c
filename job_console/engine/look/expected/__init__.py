"""When waiting work should start: one figure for an explanation, the lanes of a look, the page and the command line.
Offers `forecast`; before it, `pace_reader` reads how fast work goes, `durations` makes of that how long a method runs,
and `simulation` simulates the waiting jobs on the workers that there are. May import what `look` may.
"""
