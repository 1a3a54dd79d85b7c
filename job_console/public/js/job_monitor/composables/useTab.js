import { onScopeDispose, watchEffect } from "vue";
import { askingCount, verdictColor } from "../domain/headline.js";

/** Keeps the browser's tab at what the last look said; at its end the tab says nothing of us. */
export function useTab({ feed, host }) {
	watchEffect(() => {
		const snapshot = feed.snapshot.value;
		if (snapshot) host.showInTab(askingCount(snapshot), verdictColor(snapshot));
	});
	onScopeDispose(() => host.showInTab(0, "quiet"));
}
