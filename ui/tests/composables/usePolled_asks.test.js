import { effectScope, ref } from "vue";
import { expect, it, vi } from "vitest";
import { usePolled } from "@/composables/usePolled.js";

// Vue 3.3, which Frappe bundles, calls no immediate watcher of an empty list: here none is ever called.
vi.mock("vue", async (original) => ({ ...(await original()), watch: () => () => {} }));

it("asks at once by itself, not by a watcher", () => {
	const ask = vi.fn(() => new Promise(() => {}));
	const scope = effectScope();
	scope.run(() => usePolled({ ask, when: [ref(0)] }));
	expect(ask).toHaveBeenCalledTimes(1);
	scope.stop();
});
