"""The shared picture: what crosses the engine's rooms. Frozen values, no live redis or rq object, no loose dict.

Offers `bench`, `jobs`, `warnings`, `outcomes`, and what each subject adds to them (`locks`, `policies`, `progress`,
`retries`, `schedule`, `stacks`, `sweeps`). Times are aware UTC datetimes, durations seconds. Imports no other room.
"""
