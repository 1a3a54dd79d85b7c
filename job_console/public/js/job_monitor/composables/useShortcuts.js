import { currentJob, stepRow } from "./rowNavigation.js";
import { useKeyboard } from "./useKeyboard.js";

/** The keys of the page. They act on the open job, or on the row that has the focus. */
export function useShortcuts({ page, root, drawer, help }) {
	const { view, actions, feed } = page;

	const jobAtHand = () => (view.state.value.job ? drawer.value?.job : currentJob());

	function act(action) {
		const job = jobAtHand();
		if (!job || feed.snapshot.value?.readOnly) return false;
		actions.run(action, [job]);
		return true;
	}

	function step(direction) {
		if (view.state.value.job) return false;
		stepRow(root.value, direction);
		return true;
	}

	useKeyboard({
		"/": () => root.value.querySelector("[data-jc-search]")?.focus(),
		"?": () => (help.value = true),
		j: () => step(1),
		k: () => step(-1),
		r: () => act("retry"),
		c: () => act("cancel"),
		s: () => act("stop"),
		u: () => Boolean(actions.undo()),
		Enter(event, target) {
			const job = currentJob();
			// On a button or a link, Enter means that button or link.
			if (!job || target.closest("a, button, input, summary")) return false;
			return view.openJob(job.id);
		},
		Escape() {
			if (!view.state.value.job) return false;
			return view.closeJob();
		},
	});
}
