"""Bounds of traces."""

#: How long a job's process waits at its end until its spans are sent. A collector on the same host takes them within
#: milliseconds; a worker must not stand still for one that does not answer.
FLUSH_S = 1.0
#: So long nobody waits for a collector again that did not take spans within that time.
LATE_S = 60
#: Of the message of an exception, in a span's status.
STATUS_CHARS = 200
#: How long a worker waits for the span of a killed job: it may have to import all of OpenTelemetry first.
LOST_S = 5.0
