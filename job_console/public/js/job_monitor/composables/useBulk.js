import { onScopeDispose, ref, shallowRef } from "vue";
import { ACTIONS, wordsOf } from "../domain/action_words.js";
import { approximate } from "../domain/format.js";

/** What can be done to all jobs of a query, by what states a list of them is in. */
export const BULK_ACTIONS = ["retry", "front", "move", "cancel", "delete"];
const RUNNING = ["collecting", "acting"];
// After a failed call; others may go on with it meanwhile.
const AGAIN_MS = 2000;

/** An action on all jobs of a query: asked for here, worked at here as long as the page is open, and shown. */
export function useBulk({ host, api, feed, lanes }) {
	const { __ } = host;
	const bulk = shallowRef(null);
	const problem = ref("");
	let turn = 0;

	const runs = () => RUNNING.includes(bulk.value?.state);

	async function start(action, { query, total, approximate: isAbout, unknown }) {
		const what = wordsOf(action);
		const fields = [];
		if (what.needsLane) {
			const options = lanes().map((lane) => ({ value: lane.name, label: lane.label }));
			fields.push({ name: "to", label: __("To which lane?"), type: "select", options });
		}
		const reason = __("Why? (kept in the audit log)");
		fields.push({ name: "reason", label: reason, type: "text", optional: true });
		const label = __(what.label).replace("…", "");
		const words = await host.ask({
			title: unknown
				? __("{0}: all that match", [label])
				: __("{0}: all {1} that match", [label, approximate(total, isAbout)]),
			message: `${query}\n${__("At most 10,000 at once. What does not match any more when its turn comes is left alone.")} ${__(what.explain)}`,
			yes: label,
			danger: Boolean(ACTIONS[action]?.destroys),
			fields,
		});
		if (words) await follow(() => api.startBulk({ action, q: query, ...words }));
	}

	/** Takes away all that waits of a query: for a day it can be brought back, or it is gone. */
	async function clear({ query, title }) {
		const options = [
			{ value: "cancel", label: __("Cancel: can be undone for a day") },
			{ value: "delete", label: __("Delete: for good") },
		];
		const label = __("Why? (kept in the audit log)");
		const words = await host.ask({
			title,
			message: `${query}\n${whose()} ${__("At most 10,000 at once. What runs goes on, and what comes later is not meant.")}`,
			yes: __("Clear"),
			danger: true,
			fields: [
				{ name: "action", label: __("How?"), type: "select", options },
				{ name: "reason", label, type: "text", optional: true },
			],
		});
		if (words) await follow(() => api.startBulk({ ...words, q: query }));
	}

	// A lane is shared by the sites of a bench.
	function whose() {
		const site = feed.snapshot.value?.site;
		return site
			? __("Only jobs of {0} are meant.", [site])
			: __("Jobs of all sites are meant.");
	}

	/** Shown, and worked at until it has ended. */
	async function follow(begin) {
		turn += 1;
		const mine = turn;
		problem.value = "";
		try {
			bulk.value = await begin();
		} catch (error) {
			problem.value = error.message;
			return;
		}
		while (mine === turn && runs()) await goOn(mine);
		feed.refresh();
	}

	async function goOn(mine) {
		try {
			const now = await api.stepBulk(bulk.value.id);
			if (mine === turn) bulk.value = now;
			problem.value = "";
		} catch (error) {
			problem.value = error.message;
			await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
		}
	}

	async function change(call) {
		try {
			bulk.value = await call(bulk.value.id);
		} catch (error) {
			problem.value = error.message;
		}
	}

	/** Those that somebody began and that still run: their progress is shown, and they are worked at. */
	async function find() {
		if (bulk.value) return;
		const found = await api.bulks().catch(() => []);
		const running = found.find((each) => RUNNING.includes(each.state));
		if (!running || bulk.value) return;
		if (feed.snapshot.value?.readOnly) bulk.value = running;
		else await follow(async () => running);
	}

	onScopeDispose(() => (turn += 1));
	return {
		bulk,
		problem,
		runs,
		start,
		clear,
		find,
		cancel: () => change(api.cancelBulk),
		/** The one that is shown, or another one. */
		undo: (id = bulk.value.id) => follow(() => api.undoBulk(id)),
		dismiss() {
			turn += 1;
			bulk.value = null;
			problem.value = "";
		},
	};
}
