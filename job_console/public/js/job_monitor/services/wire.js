// The wire's JSON (times as ISO text) into the page's models (times as Dates). Only this
// file knows how the wire spells things.

export function toDate(text) {
	if (!text) return null;
	const date = new Date(text);
	return Number.isNaN(date.getTime()) ? null : date;
}

export function toJob(wire) {
	return {
		id: wire.id,
		label: wire.label || wire.method || wire.id,
		method: wire.method || null,
		kind: wire.kind || "other",
		queue: wire.queue,
		status: wire.status,
		site: wire.site || null,
		user: wire.user || null,
		enqueuedAt: toDate(wire.enqueued_at),
		startedAt: toDate(wire.started_at),
		endedAt: toDate(wire.ended_at),
		dueAt: toDate(wire.due_at),
		timeoutS: wire.timeout_s ?? null,
		elapsedS: wire.elapsed_s ?? null,
		// What its method's own history calls normal.
		usualS: wire.usual_s ?? null,
		attempt: wire.attempt ?? 1,
		worker: wire.worker || null,
		arguments: wire.arguments ?? {},
		// Why its payload cannot be shown, when it cannot.
		problem: wire.problem || null,
		error: wire.error || null,
		actions: wire.actions || [],
		// Whether running it again can do its work twice: safe, unsafe or unknown.
		repeat: wire.repeat || "unknown",
		progress: wire.progress ? toProgress(wire.progress) : null,
		tries: wire.tries ? toTries(wire.tries) : null,
		asked: Object.entries(wire.asked || {}).map(([what, each]) => ({
			what,
			by: each.by,
			at: toDate(each.at),
			reason: each.reason || null,
		})),
	};
}

/** The attempts of a job that its policy tries again, as far as they have failed. */
function toTries(wire) {
	return {
		failed: wire.failed,
		of: wire.of,
		why: wire.why || null,
		nextAt: toDate(wire.next_at),
		history: (wire.history || []).map((attempt) => ({
			at: toDate(attempt.at),
			type: attempt.type || null,
			message: attempt.message || "",
			lost: Boolean(attempt.lost),
		})),
	};
}

function toProgress(wire) {
	return {
		done: wire.done,
		total: wire.total ?? null,
		text: wire.text || "",
		fraction: wire.fraction ?? null,
		rate: wire.rate ?? null,
		at: toDate(wire.at),
		fromPublishProgress: Boolean(wire.overheard),
		extendedS: wire.extended_s || 0,
		chunks: wire.chunks || null,
		parked: wire.parked ? { ...wire.parked, at: toDate(wire.parked.at) } : null,
	};
}

export function toJobDetail(wire) {
	return {
		...toJob(wire),
		runs: (wire.runs || []).map(toRun),
		timeline: (wire.timeline || []).map((e) => ({ event: e.event, at: toDate(e.at) })),
		position: wire.position ?? null,
		result: wire.result ?? null,
		dependencies: wire.dependencies || [],
		dependents: wire.dependents || [],
		warnings: (wire.warnings || []).map(toWarning),
		scheduledJob: wire.scheduled_job || null,
		payloadBytes: wire.payload_bytes ?? null,
		document: wire.document || null,
		expiresAt: toDate(wire.expires_at),
		policy: wire.policy ? toPolicy(wire.policy) : null,
	};
}

function toPolicy(wire) {
	return {
		name: wire.name,
		kind: wire.kind || "method",
		source: wire.source || "desk",
		decided: wire.decided || [],
	};
}

function toRun(wire) {
	return {
		attempt: wire.attempt ?? null,
		outcome: wire.outcome,
		startedAt: toDate(wire.started_at),
		endedAt: toDate(wire.ended_at),
		worker: wire.worker || null,
		error: wire.error || null,
	};
}

export function toWarning(wire) {
	return {
		// One finding of one detector about one subject: stable between two looks.
		key: wire.id || [wire.code, wire.queue, wire.job_id, wire.worker, wire.site].join("|"),
		code: wire.code,
		severity: wire.severity,
		queue: wire.queue || null,
		jobId: wire.job_id || null,
		worker: wire.worker || null,
		site: wire.site || null,
		since: toDate(wire.since),
		evidence: wire.evidence || {},
		message: wire.message,
		remedies: wire.remedies || [],
	};
}

/** Why a job is where it is: causes, the most immediate first, each a sentence with its facts. */
export function toExplanation(wire) {
	const sentences = (wire.because || []).map((text) => ({ text }));
	const causes = (wire.details?.length ? wire.details : sentences).map(toCause);
	const offered = new Set(causes.flatMap((cause) => cause.remedies.map((r) => r.action)));
	return {
		state: wire.state || null,
		causes,
		// What no single cause offers.
		remedies: (wire.remedies || []).filter((remedy) => !offered.has(remedy.action)),
	};
}

function toCause(wire) {
	return {
		text: wire.text,
		evidence: wire.evidence || {},
		remedies: wire.remedies || [],
		// Whose job they are for.
		jobId: wire.job_id || null,
	};
}

export function toLane(wire) {
	return {
		name: wire.name,
		label: wire.label || wire.name,
		counts: wire.counts || {},
		workers: wire.workers || { busy: 0, idle: 0 },
		oldestWaitS: wire.oldest_wait_s ?? null,
		drainS: wire.drain_s ?? null,
		running: (wire.running || []).map(toJob),
		runningElsewhere: wire.running_elsewhere || 0,
		parked: (wire.parked || []).map(toJob),
		head: (wire.head || []).map(toJob),
		headElsewhere: wire.head_elsewhere || 0,
		failures: (wire.failures || []).map(toJob),
		failuresElsewhere: wire.failures_elsewhere || 0,
	};
}

export function toWorker(wire) {
	return {
		name: wire.name,
		label: wire.label || wire.name,
		state: wire.state,
		queues: wire.queues || [],
		jobId: wire.job_id || null,
		host: wire.host || null,
		pid: wire.pid ?? null,
		heartbeatAgeS: wire.heartbeat_age_s ?? null,
		bornAt: toDate(wire.born_at),
	};
}

export function toSnapshot(wire) {
	return {
		at: toDate(wire.at),
		site: wire.site || null,
		readOnly: Boolean(wire.read_only),
		health: { verdict: wire.health?.verdict || "ok", reasons: wire.health?.reasons || [] },
		redis: {
			usedBytes: wire.redis?.used_bytes ?? null,
			maxBytes: wire.redis?.max_bytes ?? null,
			version: wire.redis?.version ?? null,
		},
		suspended: Boolean(wire.suspended),
		schedule: wire.schedule ? toSchedule(wire.schedule) : null,
		duties: wire.duties || [],
		lanes: (wire.queues || []).map(toLane),
		workers: (wire.workers || []).map(toWorker),
		warnings: (wire.warnings || []).map(toWarning),
	};
}

function toSchedule(wire) {
	return {
		running: Boolean(wire.running),
		reason: wire.reason || null,
		tickedAt: toDate(wire.ticked_at),
	};
}

export function toJobPage(wire) {
	return {
		total: wire.total ?? 0,
		approximate: Boolean(wire.approximate),
		page: wire.page || 1,
		size: wire.size || 20,
		jobs: (wire.jobs || []).map(toJob),
	};
}

export function toSearchSlice(wire) {
	return {
		jobs: (wire.jobs || []).map(toJob),
		cursor: wire.cursor || null,
		scanned: wire.scanned ?? 0,
		of: wire.of ?? 0,
	};
}

export function toResult(wire) {
	return {
		jobId: wire.job_id,
		ok: Boolean(wire.ok),
		stateBefore: wire.state_before || null,
		stateAfter: wire.state_after || null,
		reason: wire.reason || null,
		newJobId: wire.new_job_id || null,
	};
}

export function toMended(wire) {
	return {
		steps: (wire.results || []).map((step) => ({
			...toResult(step),
			key: [step.code, step.queue, step.job_id, step.lock].join("|"),
			lock: step.lock || null,
			code: step.code,
			jobId: step.job_id || null,
			queue: step.queue || null,
			action: step.action,
			label: step.label || null,
		})),
		left: (wire.left || []).map(toWarning),
	};
}

export function toIncidents(wire) {
	return (wire.incidents || []).map((i) => ({
		name: i.name,
		status: i.status,
		severity: (i.severity || "").toLowerCase(),
		code: i.code,
		message: i.message,
		jobs: i.jobs || 0,
		lane: i.queue || null,
		method: i.method || null,
		jobId: i.job_id || null,
		opened: toDate(i.opened),
		lastSeen: toDate(i.last_seen),
		resolved: toDate(i.resolved),
		how: i.how || null,
		acknowledgedBy: i.acknowledged_by || null,
	}));
}

export function toAuditPage(wire) {
	return {
		total: wire.total ?? 0,
		entries: (wire.entries || []).map((e) => ({
			at: toDate(e.at),
			actor: e.actor,
			action: e.action,
			jobId: e.job_id || null,
			site: e.site || null,
			ok: Boolean(e.ok),
			stateBefore: e.state_before || null,
			stateAfter: e.state_after || null,
			reason: e.reason || null,
			queue: e.queue || null,
			detail: e.detail || null,
		})),
	};
}
