"""`job-console top`: the bench on a terminal, live, with the keys of the page. `state` is what is on the screen,
`screen` how that is drawn, `keys` what a key does, `feed` who looks and acts, `run` the terminal itself (curses).
"""
