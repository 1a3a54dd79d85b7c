/** @import { Mended, Result } from "../domain/types/action" */
/** @import { Lock } from "../domain/types/lock" */
/** @import { JobForm } from "../domain/types/new_job" */
/** @import { Completion, Waiting } from "../domain/types/query" */
/** @import { Host } from "../host/types" */
/** @import { WireResult } from "./wire/types/actions" */
/** @import { WireLockChanged } from "./wire/types/locks" */
import { toCanary, toFailures } from "./wire/failures.js";
import { toAuditPage, toMended, toResult } from "./wire/actions.js";
import { toBulk } from "./wire/bulks.js";
import { toJobDetail, toJobPage, toSearchSlice } from "./wire/jobs.js";
import { toLog } from "./wire/log.js";
import { toLock, toLocks } from "./wire/locks.js";
import { toDrain } from "./wire/drain.js";
import { toDay, toPreview, toQuieter, toSchedules } from "./wire/schedule.js";
import { toMetrics } from "./wire/metrics.js";
import { toMoment } from "./wire/past.js";
import { toSavedViews } from "./wire/saved_views.js";
import { toSnapshot } from "./wire/snapshot.js";
import { toProfile, toStacks } from "./wire/stacks.js";
import { toExplanation, toIncidents, toManual } from "./wire/warnings.js";
import { toWhatIf } from "./wire/what_if.js";

// Every call of the API that the page makes, see docs/api.md. Both hosts answer the same calls.

/** @typedef {ReturnType<typeof createApi>} Api */
/** @typedef {Record<string, unknown>} Args */
/** @typedef {{ lock: Lock, released: number }} LockChanged */

/** @param {Pick<Host, "call" | "post">} host */
export function createApi(host) {
	/**
	 * @template Wire, Model
	 * @param {string} name
	 * @param {(wire: Wire) => Model} toModel
	 * @returns {(args?: Args) => Promise<Model>}
	 */
	const read = (name, toModel) => async (args) =>
		toModel(/** @type {Wire} */ (await host.call(name, present(args))));
	/**
	 * @param {string} name
	 * @param {Args} request
	 * @returns {Promise<Result[]>}
	 */
	async function act(name, request) {
		const answer = await host.post(name, present(request));
		return (answer.results || []).map(toResult);
	}
	return {
		snapshot: read("snapshot", toSnapshot),
		/** @param {string} jobId */
		show: (jobId) => read("show", toJobDetail)({ job_id: jobId }),
		/** @param {string} jobId */
		explain: (jobId) => read("explain", toExplanation)({ job_id: jobId }),
		/**
		 * Where a running job is; takes some seconds.
		 *
		 * @param {string} jobId
		 */
		where: (jobId) => read("where", toStacks)({ job_id: jobId }),
		/**
		 * What it has printed and logged, the last kilobytes.
		 *
		 * @param {string} jobId
		 */
		log: (jobId) => read("log", toLog)({ job_id: jobId }),
		/**
		 * At which lines a running job spends the next seconds.
		 *
		 * @param {string} jobId
		 */
		profile: (jobId) => read("profile", toProfile)({ job_id: jobId }),
		/**
		 * The fields of a new policy, and the runs that they come from. Where there are records only.
		 *
		 * @param {string} jobId
		 * @returns {Promise<{ values: Args, observed: unknown }>}
		 */
		draftPolicy: (jobId) => host.call("draft_policy", { job_id: jobId }),
		/**
		 * Writes down whether a job's method may run twice. Returns the policy's name.
		 *
		 * @param {string} jobId
		 * @param {"Safe" | "Unsafe"} answer
		 * @returns {Promise<string>}
		 */
		recordRepeat: (jobId, answer) => host.post("record_repeat", { job_id: jobId, answer }),
		jobs: read("jobs", toJobPage),
		failures: read("failures", toFailures),
		metricsHistory: read("metrics_history", toMetrics),
		/** The bench as it was; `at`: ISO 8601, of the last week. */
		moment: read("moment", toMoment),
		/** How long jobs would wait with other workers, queues or schedules. */
		whatIf: read("what_if", toWhatIf),
		failureJobs: read("failure_jobs", toJobPage),
		/**
		 * Retries a group: the canary, or what became of each job when all were retried at once.
		 *
		 * @param {Args} request
		 */
		async retryGroup(request) {
			const answer = await host.post("retry_group", present(request));
			return {
				canary: answer.canary ? toCanary(answer.canary) : null,
				results: /** @type {WireResult[]} */ (answer.results || []).map(toResult),
			};
		},
		/** @param {{ canary: string, reason?: string }} request */
		cancelCanary: async (request) =>
			toCanary((await host.post("cancel_canary", present(request))).canary),
		search: read("search", toSearchSlice),
		/**
		 * What may stand where the cursor is in a query, and what is wrong with it.
		 *
		 * @param {string} q
		 * @param {number} cursor
		 * @returns {Promise<Completion>}
		 */
		completeQuery: (q, cursor) => host.call("complete_query", { q, cursor }),
		/** @param {Args} request */
		startBulk: async (request) => toBulk(await host.post("start_bulk", present(request))),
		/** @param {string} bulk */
		stepBulk: async (bulk) => toBulk(await host.post("step_bulk", { bulk })),
		/** @param {string} bulk */
		cancelBulk: async (bulk) => toBulk(await host.post("cancel_bulk", { bulk })),
		/** @param {string} bulk */
		undoBulk: async (bulk) => toBulk(await host.post("undo_bulk", { bulk })),
		savedViews: read("views", toSavedViews),
		/** @param {{ name: string, q: string, sort?: string, shared?: boolean }} request */
		saveView: async (request) => toSavedViews(await host.post("save_view", present(request))),
		/** @param {string} view its id */
		deleteView: async (view) => toSavedViews(await host.post("delete_view", { view })),
		bulks: async () => ((await host.call("bulks", {})).bulks || []).map(toBulk),
		/**
		 * Of what the waiting jobs are made.
		 *
		 * @param {string} queue
		 * @returns {Promise<Waiting>}
		 */
		waiting: (queue) => host.call("waiting", present({ queue })),
		audit: read("audit", toAuditPage),
		/** @param {{ idle: boolean }} which `idle`: those that were used lately, too */
		locks: ({ idle }) => read("locks", toLocks)({ idle: idle ? 1 : null }),
		/** @param {Args} request */
		releaseLock: async (request) =>
			toLockChanged(await host.post("release_lock", present(request))),
		/** @param {Args} request */
		extendLock: async (request) =>
			toLockChanged(await host.post("extend_lock", present(request))),
		schedules: read("schedule", toSchedules),
		/**
		 * What a cron expression says on this site, and when it would run next.
		 *
		 * @param {string} cron
		 */
		previewCron: (cron) => read("schedule_preview", toPreview)({ cron }),
		scheduleDay: read("schedule_day", toDay),
		quieterMinutes: read("schedule_quieter", toQuieter),
		/**
		 * Gives schedules other times.
		 *
		 * @param {{ record: string, cron: string }[]} moves
		 */
		moveSchedules: (moves) => act("move_schedules", { moves }),
		incidents: read("open_incidents", toIncidents),
		/** @param {string} incident its name */
		acknowledge: async (incident) => toIncidents(await host.post("acknowledge", { incident })),
		/**
		 * Pauses, suspends, quiets, stops, moves: see domain/action_words.js.
		 *
		 * @param {Args} request
		 */
		operate: (request) => act("operate", request),
		drain: () => read("drain", toDrain)(),
		/** @param {string} code */
		aboutWarning: (code) => read("about_warning", toManual)({ code }),
		/**
		 * Acknowledges, snoozes or mutes a warning, or has it told again (`unmute`).
		 *
		 * @param {{ warning: string, how: string, seconds?: number, reason?: string }} request
		 */
		silenceWarning: (request) => host.post("silence_warning", present(request)),
		/** @param {Args} request */
		act: (request) => act("act", request),
		/**
		 * A warning's remedy, for all the jobs that it is about.
		 *
		 * @param {{ warning: string, action: string, reason?: string }} request
		 */
		remedy: (request) => act("remedy", request),
		/**
		 * Enqueues an ended job anew, with these arguments changed.
		 *
		 * @param {{ job_id: string, changes: Args, reason: string }} request
		 */
		async retryEdited(request) {
			const [result] = await act("retry_edited", request);
			return result;
		},
		/**
		 * What may be made by `makeJob`, and of one method what it takes.
		 *
		 * @param {string} [method]
		 * @returns {Promise<JobForm>}
		 */
		jobForm: (method) => host.call("job_form", present({ method })),
		/**
		 * Makes a job, where the host does.
		 *
		 * @param {Args} request
		 */
		async makeJob(request) {
			const [result] = await act("make_job", request);
			return result;
		},
		/**
		 * Does what is safe about every warning; with `dryRun` only says what that is.
		 *
		 * @param {{ dryRun: boolean }} how
		 * @returns {Promise<Mended>}
		 */
		mend: async ({ dryRun }) => toMended(await host.post("mend", { dry_run: dryRun })),
	};
}

/**
 * What a lock is after somebody changed it, and how many lost it.
 *
 * @param {WireLockChanged} wire
 * @returns {LockChanged}
 */
function toLockChanged(wire) {
	return { lock: toLock(wire.lock, new Date()), released: wire.released || 0 };
}

/**
 * Leaves out what was not said: both hosts would send it as the text "undefined".
 *
 * @param {Args} args
 * @returns {Args}
 */
function present(args = {}) {
	return Object.fromEntries(
		Object.entries(args).filter(([, v]) => v !== undefined && v !== null && v !== ""),
	);
}
