import { computed, ref, shallowRef, watch } from "vue";

/**
 * What a running job's process is asked by a click. The answer stays when the job ends meanwhile, and goes with another
 * job, or another run of it.
 *
 * `job`: a getter. `ask`: of its id, the answer; one with a `problem` is none. `possible`: whether the job can be asked.
 */
export function useAskedOfProcess(job, { ask, possible = (job) => job.status === "started" }) {
	const found = shallowRef(null);
	const error = ref("");
	const asking = ref(false);
	const run = () => [job().id, job().startedAt?.getTime()].join();
	const canAsk = computed(() => possible(job()));
	const shown = computed(
		() => canAsk.value || Boolean(found.value || asking.value || error.value),
	);

	async function look() {
		const mine = run();
		asking.value = true;
		error.value = "";
		try {
			const answer = await ask(job().id);
			if (mine !== run()) return;
			found.value = answer.problem ? null : answer;
			error.value = answer.problem || "";
		} catch (problem) {
			if (mine === run()) error.value = problem.message;
		} finally {
			asking.value = false;
		}
	}

	watch(run, () => {
		found.value = null;
		error.value = "";
	});
	return { found, error, asking, canAsk, shown, look };
}
