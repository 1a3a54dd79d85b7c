import { ref, shallowRef } from "vue";

/** Mends what is safe, in two steps: look what that would be, then do it and tell. */
export function useMend({ api, feed }) {
	const state = ref("looking"); // looking | planned | mending | done | failed
	const plan = shallowRef({ steps: [], left: [] });
	const error = ref(null);
	// What the warnings say, kept: those that are mended leave the snapshot.
	const words = new Map();

	async function step(dryRun, meanwhile, after) {
		state.value = meanwhile;
		remember(feed.snapshot.value?.warnings || []);
		try {
			plan.value = inOrder(await api.mend({ dryRun }), plan.value.steps);
			state.value = after;
		} catch (problem) {
			error.value = problem;
			state.value = "failed";
		}
	}

	/** What was read before it was done stays where it was read. */
	function inOrder(answer, before) {
		const place = new Map(before.map((each, index) => [each.key, index]));
		const at = (each) => place.get(each.key) ?? place.size;
		return { ...answer, steps: [...answer.steps].sort((a, b) => at(a) - at(b)) };
	}

	function remember(warnings) {
		for (const { code, queue, jobId, evidence, message } of warnings) {
			const lock = code.startsWith("lock_") ? evidence.lock : null;
			words.set([code, queue, jobId, lock].join("|"), message);
		}
	}

	const look = () => step(true, "looking", "planned");

	async function mend() {
		await step(false, "mending", "done");
		feed.refresh();
	}

	return { state, plan, error, look, mend, messageOf: ({ key }) => words.get(key) || null };
}
