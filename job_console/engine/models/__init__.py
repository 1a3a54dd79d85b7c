"""The shared picture: frozen values that cross the engine's rooms, with no live redis or rq object and no loose dict.
Offers `bench`, `workers`, `jobs`, `warnings`, `outcomes`, and the values of each subject (`locks`, `policies`,
`progress`, `retries`, `schedule`, `stacks`, `sweeps`); times are aware UTC datetimes, durations seconds. Imports no
other room.
"""
