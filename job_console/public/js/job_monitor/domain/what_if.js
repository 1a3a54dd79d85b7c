// What somebody would change, as the API takes it, and who would work then.

/**
 * @param {{ workers: string, method: string, queue: string, schedule: string, cron: string, keep: string, within: string }} asked
 * @returns {Record<string, string>} what is empty is left out
 */
export function changed({ workers, method, queue, schedule, cron, keep, within }) {
	const found = {
		workers,
		move: method && queue ? `${method}=${queue}` : "",
		schedule: schedule && cron ? `${schedule}=${cron}` : "",
		keep: keep && within ? `${keep}=${within}` : "",
	};
	return Object.fromEntries(Object.entries(found).filter(([_name, value]) => value));
}

/**
 * `2 × short, default (busy 41 %)`
 *
 * @param {(text: string, values?: unknown[]) => string} __
 * @param {{ queues: string[], count: number }[]} crew
 * @param {number | null} busy
 * @returns {string}
 */
export function crewText(__, crew, busy) {
	const text = crew.map(({ queues, count }) => `${count} × ${queues.join(" + ")}`).join(", ");
	if (busy === null) return text || __("none");
	return __("{0} (busy {1} %)", [text || __("none"), Math.round(100 * busy)]);
}
