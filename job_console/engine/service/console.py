"""One bench as one viewer sees it: the snapshot, and one attribute for each subject."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from ..models.silences import SEVERITIES
from ..models.warnings import Warning
from ..watch.watch import Look
from ..wire import Json, health_json, summary_json, time
from .context import Context, parse_time
from .snapshot import snapshot_of

if TYPE_CHECKING:  # each is loaded when it is first asked for: one call of the command line needs one of them
    from .actions import Actions
    from .bulks import Bulks
    from .failures import Failures
    from .history import History
    from .incidents import Incidents
    from .jobs import Jobs
    from .locks import Locks
    from .marks import Marks
    from .operations import Operations
    from .own_jobs import OwnJobs
    from .past import Past
    from .policies import Policies
    from .saved_views import SavedViews
    from .schedules import Schedules
    from .simulation import Simulation
    from .warnings import Warnings


class Console:
    """One bench as one viewer sees it. Answers are JSON-ready (`wire`); each call raises RedisUnavailable."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.engine = context.engine
        self.viewer = context.viewer
        self.scope = context.scope
        self.redaction = context.redaction

    def snapshot(self, since: str | None = None) -> Json:
        """The whole bench now: lanes, workers, warnings, how well it is.

        `since`: not older than this, a time of the server's. Raises BadRequest when it is none.
        """
        return self.picture(self._context.look(parse_time(since)))

    def picture(self, look: Look) -> Json:
        """A snapshot of this look."""
        return snapshot_of(self._context, look)

    def health(self) -> Json:
        """How well the bench is, as a snapshot has it under `health`, and how many warnings of each severity ask for
        somebody.
        """
        look = self._context.look()
        return self._health(look, self.warnings.reported(look))

    def summary(self) -> Json:
        """The bench in one row, for whoever looks at many: `health`, and what `wire.summary_json` says."""
        look = self._context.look()
        warnings = self.warnings.reported(look)
        view, seen = self._context.view(look.bench), self.scope.bench(look.bench)
        asking = [warning for warning in warnings if view.silenced(warning) is None]
        return {**self._health(look, warnings), **summary_json(view, seen.bench, asking)}

    def _health(self, look: Look, warnings: list[Warning]) -> Json:
        view, seen = self._context.view(look.bench), self.scope.bench(look.bench)
        asking = Counter(warning.severity for warning in warnings if view.silenced(warning) is None)
        return {
            "at": time(look.bench.at),
            **health_json(view, seen.bench, self.viewer.site, warnings),
            "warnings": {severity: asking[severity] for severity in SEVERITIES},
            **self.engine.names,
        }

    @cached_property
    def jobs(self) -> Jobs:
        from .jobs import Jobs

        return Jobs(self._context)

    @cached_property
    def actions(self) -> Actions:
        from .actions import Actions

        return Actions(self._context)

    @cached_property
    def failures(self) -> Failures:
        from .failures import Failures

        return Failures(self._context)

    @cached_property
    def history(self) -> History:
        from .history import History

        return History(self._context)

    @cached_property
    def marks(self) -> Marks:
        from .marks import Marks

        return Marks(self._context)

    @cached_property
    def past(self) -> Past:
        from .past import Past

        return Past(self._context)

    @cached_property
    def bulks(self) -> Bulks:
        from .bulks import Bulks

        return Bulks(self._context)

    @cached_property
    def saved_views(self) -> SavedViews:
        from .saved_views import SavedViews

        return SavedViews(self._context)

    @cached_property
    def incidents(self) -> Incidents:
        from .incidents import Incidents

        return Incidents(self._context)

    @cached_property
    def warnings(self) -> Warnings:
        from .warnings import Warnings

        return Warnings(self._context)

    @cached_property
    def locks(self) -> Locks:
        from .locks import Locks

        return Locks(self._context)

    @cached_property
    def operations(self) -> Operations:
        from .operations import Operations

        return Operations(self._context)

    @cached_property
    def own_jobs(self) -> OwnJobs:
        from .own_jobs import OwnJobs

        return OwnJobs(self._context)

    @cached_property
    def policies(self) -> Policies:
        from .policies import Policies

        return Policies(self._context)

    @cached_property
    def schedules(self) -> Schedules:
        from .schedules import Schedules

        return Schedules(self._context)

    @cached_property
    def simulation(self) -> Simulation:
        from .simulation import Simulation

        return Simulation(self._context)
