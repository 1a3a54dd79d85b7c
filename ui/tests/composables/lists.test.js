import { effectScope, nextTick, ref, shallowRef } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "../support/page.js";
import { useJobList } from "@/composables/useJobList.js";
import { useSearch } from "@/composables/useSearch.js";
import { useSelection } from "@/composables/useSelection.js";

let scope;
beforeEach(() => {
	vi.useFakeTimers();
	scope = effectScope();
});
afterEach(() => {
	scope.stop();
	vi.useRealTimers();
});

const jobs = (...ids) => ids.map((id) => ({ id }));
const ids = (list) => list.value.map((job) => job.id);

describe("a list of jobs", () => {
	const held = ref(true);
	const acted = ref(null);
	async function look(snapshot, ms = 10_000) {
		await vi.advanceTimersByTimeAsync(ms);
		snapshot.value = {};
		await nextTick();
		await vi.advanceTimersByTimeAsync(0);
		await settle();
	}

	it("stands still: what is new waits, what is gone is marked", async () => {
		const answers = [jobs("a", "b"), jobs("c", "b"), jobs("c", "b")];
		const load = vi.fn(async () => ({ jobs: answers.shift(), total: 2 }));
		const snapshot = shallowRef(null);
		const list = scope.run(() => useJobList({ load, query: ref({}), snapshot, held, acted }));
		await settle();
		expect(ids(list.rows)).toEqual(["a", "b"]);

		await look(snapshot);
		expect(ids(list.rows)).toEqual(["a", "b"]);
		expect([...list.gone.value]).toEqual(["a"]);
		expect(list.waiting.value).toBe(1);

		list.showNew();
		expect(ids(list.rows)).toEqual(["c", "b"]);
		expect(list.waiting.value).toBe(0);
	});

	it("follows by itself when nobody has it in hand", async () => {
		const answers = [jobs("a", "b"), jobs("c", "b")];
		const load = async () => ({ jobs: answers.shift(), total: 2 });
		const snapshot = shallowRef(null);
		const free = ref(false);
		const list = scope.run(() =>
			useJobList({ load, query: ref({}), snapshot, held: free, acted }),
		);
		await settle();
		await look(snapshot);
		expect(ids(list.rows)).toEqual(["c", "b"]);
	});

	it("is asked for with each snapshot, at once", async () => {
		const load = vi.fn(async () => ({ jobs: jobs("a"), total: 1 }));
		const snapshot = shallowRef(null);
		scope.run(() => useJobList({ load, query: ref({}), snapshot, held, acted }));
		await settle();
		await look(snapshot, 0);
		await look(snapshot, 0);
		expect(load).toHaveBeenCalledTimes(3);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(load).toHaveBeenCalledTimes(3);
	});

	it("is not asked for twice at a time, and again for what changed meanwhile", async () => {
		const answers = [];
		const load = vi.fn(() => new Promise((resolve) => answers.push(resolve)));
		const snapshot = shallowRef(null);
		scope.run(() => useJobList({ load, query: ref({}), snapshot, held, acted }));
		answers[0]({ jobs: jobs("a"), total: 1 });
		await settle();
		for (let n = 0; n < 3; n += 1) await look(snapshot, 0);
		expect(load).toHaveBeenCalledTimes(2);
		answers[1]({ jobs: jobs("a"), total: 1 });
		await settle();
		expect(load).toHaveBeenCalledTimes(3);
	});

	it("leaves a row that has not changed as it is", async () => {
		const row = (id, status) => ({ id, status, startedAt: new Date(7) });
		const answers = [
			[row("a", "queued"), row("b", "queued")],
			[row("b", "queued"), row("a", "started")],
		];
		const load = async () => ({ jobs: answers.shift(), total: 2 });
		const snapshot = shallowRef(null);
		const free = ref(false);
		const list = scope.run(() =>
			useJobList({ load, query: ref({}), snapshot, held: free, acted }),
		);
		await settle();
		const [a, b] = list.rows.value;
		await look(snapshot);
		expect(ids(list.rows)).toEqual(["b", "a"]);
		expect(list.rows.value[0]).toBe(b);
		expect(list.rows.value[1]).not.toBe(a);
	});

	it("is asked for at once when the reader has done something", async () => {
		const load = vi.fn(async () => ({ jobs: jobs("a"), total: 1 }));
		scope.run(() =>
			useJobList({ load, query: ref({}), snapshot: shallowRef(null), held, acted }),
		);
		await settle();
		acted.value = {};
		await settle();
		expect(load).toHaveBeenCalledTimes(2);
	});

	it("shows the answer to the newest question only", async () => {
		const pending = [];
		const load = vi.fn(() => new Promise((resolve) => pending.push(resolve)));
		const query = ref("first");
		const list = scope.run(() =>
			useJobList({ load, query, snapshot: shallowRef(null), held, acted }),
		);
		query.value = "second";
		await nextTick();
		pending[1]({ jobs: jobs("new") });
		await settle();
		pending[0]({ jobs: jobs("old") });
		await settle();
		expect(ids(list.rows)).toEqual(["new"]);
	});
});

describe("a search", () => {
	it("shows hits as they come and ends with the last slice", async () => {
		const slices = [
			{ jobs: jobs("a"), cursor: "1", scanned: 10, of: 30 },
			{ jobs: jobs("a", "b"), cursor: null, scanned: 30, of: 30 },
		];
		const call = vi.fn(async () => slices.shift());
		const search = scope.run(() => useSearch(call));
		const run = search.start({ text: "x" });
		await settle();
		await run;
		expect(ids(search.hits)).toEqual(["a", "b"]);
		expect(call.mock.calls.map(([args]) => args.cursor)).toEqual([undefined, "1"]);
		expect(search.state.value).toBe("done");
		expect(search.scanned.value).toBe(30);
	});

	it("can be stopped, and asks nothing more", async () => {
		let answer;
		const call = vi.fn(() => new Promise((resolve) => (answer = resolve)));
		const search = scope.run(() => useSearch(call));
		search.start({ text: "x" });
		search.stop();
		answer({ jobs: jobs("late"), cursor: "1", scanned: 1, of: 2 });
		await settle();
		expect(search.state.value).toBe("stopped");
		expect(ids(search.hits)).toEqual([]);
		expect(call).toHaveBeenCalledTimes(1);
	});

	it("writes on its hits what was done to them", async () => {
		const found = [{ id: "a", status: "failed", actions: ["retry"] }, { id: "b" }];
		const search = scope.run(() =>
			useSearch(async () => ({ jobs: found, cursor: null, scanned: 2, of: 2 })),
		);
		await search.start({});
		search.note([
			{ jobId: "a", ok: true, stateAfter: "queued" },
			{ jobId: "b", ok: false },
		]);
		expect(search.hits.value).toEqual([
			{ id: "a", status: "queued", actions: [] },
			{ id: "b" },
		]);
	});

	it("that fails says why and keeps its hits", async () => {
		const call = vi
			.fn()
			.mockResolvedValueOnce({ jobs: jobs("a"), cursor: "1", scanned: 1, of: 2 })
			.mockRejectedValueOnce(new Error("gone"));
		const search = scope.run(() => useSearch(call));
		await search.start({});
		expect(search.error.value.message).toBe("gone");
		expect(ids(search.hits)).toEqual(["a"]);
	});
});

describe("a selection", () => {
	it("takes everything between two ticks with shift", () => {
		const selection = useSelection(ref(jobs("a", "b", "c", "d")));
		selection.toggle("b");
		selection.toggle("d", true);
		expect(ids(selection.selected)).toEqual(["b", "c", "d"]);
		selection.toggleAll();
		expect(selection.all.value).toBe(true);
		selection.toggleAll();
		expect(ids(selection.selected)).toEqual([]);
	});

	it("forgets rows that are no longer there", () => {
		const rows = ref(jobs("a", "b"));
		const selection = useSelection(rows);
		selection.toggle("a");
		rows.value = jobs("b");
		expect(ids(selection.selected)).toEqual([]);
	});
});
