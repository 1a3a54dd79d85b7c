import { shallowRef } from "vue";

/** Views of Jobs that somebody has saved: read when they are asked for, kept under a name, forgotten. */
export function useSavedViews({ host, api }) {
	const { __ } = host;
	const saved = shallowRef(null); // {views, mayShare}

	async function change(call) {
		try {
			saved.value = await call();
			return true;
		} catch (error) {
			host.notify(error.message, "red");
			return false;
		}
	}

	/** Asks for a name, and for whom. */
	async function save({ query, sort }) {
		const whose = [
			{ value: "", label: __("For me") },
			{ value: "shared", label: __("For everybody who sees this page") },
		];
		const fields = [{ name: "name", label: __("Name"), type: "line" }];
		if (saved.value?.mayShare) {
			fields.push({ name: "whose", label: __("For whom?"), type: "select", options: whose });
		}
		const yes = __("Save");
		const words = await host.ask({ title: __("Save this view"), message: query, yes, fields });
		if (!words) return;
		const request = { name: words.name, q: query, sort, shared: words.whose === "shared" };
		if (await change(() => api.saveView(request))) {
			host.notify(__("Saved: {0}.", [words.name]), "green");
		}
	}

	return {
		saved,
		load: () => change(api.savedViews),
		save,
		remove: (id) => change(() => api.deleteView(id)),
	};
}
