import { toLock, toLocks } from "./lock_wire.js";
import { toDay, toPreview, toQuieter, toSchedules } from "./schedule_wire.js";
import { toWhere } from "./where_wire.js";
import * as wire from "./wire.js";

// What the page may ask, in the page's own words. Both hosts answer the same calls.

export function createApi(host) {
	const read = (name, map) => async (args) => map(await host.call(name, present(args)));
	return {
		snapshot: read("snapshot", wire.toSnapshot),
		show: (jobId) => read("show", wire.toJobDetail)({ job_id: jobId }),
		explain: (jobId) => read("explain", wire.toExplanation)({ job_id: jobId }),
		/** Where a running job is; takes some seconds. */
		where: (jobId) => read("where", toWhere)({ job_id: jobId }),
		/** The fields of a new policy, and the runs that they come from. Where there are records only. */
		draftPolicy: (jobId) => host.call("draft_policy", { job_id: jobId }),
		/** Writes down whether a job's method may run twice: "Safe" or "Unsafe". */
		recordRepeat: (jobId, answer) => host.post("record_repeat", { job_id: jobId, answer }),
		jobs: read("jobs", wire.toJobPage),
		search: read("search", wire.toSearchSlice),
		audit: read("audit", wire.toAuditPage),
		locks: async ({ idle }) =>
			toLocks(await host.call("locks", present({ idle: idle ? 1 : null }))),
		async releaseLock(request) {
			return toSettled(await host.post("release_lock", present(request)));
		},
		async extendLock(request) {
			return toSettled(await host.post("extend_lock", present(request)));
		},
		schedules: read("schedule", toSchedules),
		/** What a cron expression says on this site, and when it would run next. */
		previewCron: (cron) => read("schedule_preview", toPreview)({ cron }),
		scheduleDay: read("schedule_day", toDay),
		quieterMinutes: read("schedule_quieter", toQuieter),
		/** Gives schedules, each a {record, cron}, other times. */
		async moveSchedules(moves) {
			const answer = await host.post("move_schedules", { moves });
			return (answer.results || []).map(wire.toResult);
		},
		incidents: read("open_incidents", wire.toIncidents),
		async acknowledge(incident) {
			return wire.toIncidents(await host.post("acknowledge", { incident }));
		},
		async act(request) {
			const answer = await host.post("act", present(request));
			return (answer.results || []).map(wire.toResult);
		},
		/** Enqueues an ended job anew, with these arguments changed: {job_id, changes, reason}. */
		async retryEdited(request) {
			const answer = await host.post("retry_edited", present(request));
			return wire.toResult(answer.results[0]);
		},
		/** Does what is safe about every warning; with `dryRun` only says what that is. */
		async mend({ dryRun }) {
			return wire.toMended(await host.post("mend", { dry_run: dryRun }));
		},
	};
}

/** What a lock is after somebody settled it, and how many lost it. */
function toSettled(answer) {
	return { lock: toLock(answer.lock, new Date()), released: answer.released || 0 };
}

/** Leaves out what was not said: both hosts would send it as the text "undefined". */
function present(args = {}) {
	return Object.fromEntries(
		Object.entries(args).filter(([, v]) => v !== undefined && v !== null && v !== ""),
	);
}
