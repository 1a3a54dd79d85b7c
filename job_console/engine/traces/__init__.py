"""OpenTelemetry spans of jobs. Offers `spans` (of making and running a job), `carried` (how a trace gets from one
process to the next) and `lost` (the span of a job whose process was killed).

Only `spans` and `sdk` import OpenTelemetry, which is optional: import them when traces are switched on. May import
models and RQ.
"""
