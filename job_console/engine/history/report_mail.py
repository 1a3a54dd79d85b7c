"""A week's report in a few sentences, for a mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from ..messages import Instant, Message, _
from ..wording import duration
from .report import DAYS, Method, Report
from .report_advice import advice

#: Methods of each kind: a mail is not the whole report.
_METHODS = 5


@dataclass(frozen=True, slots=True)
class Section:
    title: Message
    lines: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Mail:
    subject: Message
    sections: Sequence[Section]


def mail(report: Report, site: str) -> Mail:
    subject = _("Background jobs of {site} in the week to {day}: {failures:,} of {runs:,} failed")
    end = Instant(datetime.fromtimestamp(report.until, timezone.utc))
    sections = (
        Section(_("What to change"), [line for each in advice(report) for line in (each.text, each.todo)]),
        Section(_("What failed most"), [_failed(each) for each in report.failed_most[:_METHODS]]),
        Section(_("What grew"), [_grew(each) for each in report.grew[:_METHODS]]),
        Section(_("The week"), [_week(report)]),
    )
    return Mail(
        subject.format(site=site, runs=report.now.runs, failures=report.now.unwell, day=end),
        [section for section in sections if section.lines],
    )


def _failed(method: Method) -> Message:
    text = _("{method}: {failures:,} of {runs:,} failed, {before:,} of {times:,} in the week before")
    now, before = method.now, method.before
    figures = {"failures": now.unwell, "runs": now.runs, "before": before.unwell, "times": before.runs}
    return text.format(method=method.name, **figures)


def _grew(method: Method) -> Message:
    text = _("{method}: {now} of the workers' time, {before} in the week before")
    return text.format(method=method.name, now=duration(method.now.worker_s), before=duration(method.before.worker_s))


def _week(report: Report) -> Message:
    if not report.days_before:
        text = _("Runs: {runs:,}, on {days} of {of} days. They took {now} of the workers' time.")
        return text.format(runs=report.now.runs, days=report.days, of=DAYS, now=duration(report.now.worker_s))
    text = _("Runs: {runs:,}, in the week before {times:,}. They took {now} of the workers' time, before {before}.")
    return text.format(
        runs=report.now.runs,
        now=duration(report.now.worker_s),
        times=report.before.runs,
        before=duration(report.before.worker_s),
    )
