import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref, shallowRef } from "vue";
import { useJobDetail } from "@/composables/useJobDetail.js";

describe("useJobDetail", () => {
	let scope;
	beforeEach(() => vi.useFakeTimers());
	afterEach(() => {
		scope.stop();
		vi.useRealTimers();
	});

	function open({ explain = async () => ({ causes: [] }) } = {}) {
		const show = vi.fn(async (id) => ({ id, look: show.mock.calls.length }));
		const snapshot = shallowRef({});
		const acted = ref(null);
		scope = effectScope();
		const detail = scope.run(() =>
			useJobDetail({ show, explain, id: ref("one"), snapshot, acted }),
		);
		return { ...detail, show, snapshot, acted };
	}

	it("sees a change that comes right after it was opened", async () => {
		const { job, show, snapshot } = open();
		await vi.advanceTimersByTimeAsync(100);
		expect(job.value.look).toBe(1);
		snapshot.value = {};
		await nextTick();
		await vi.advanceTimersByTimeAsync(2000);
		expect(job.value.look).toBe(2);
		expect(show).toHaveBeenCalledTimes(2);
	});

	it("looks at once when the reader has done something", async () => {
		const { job, acted } = open();
		await vi.advanceTimersByTimeAsync(100);
		acted.value = { text: "1 job canceled." };
		await vi.advanceTimersByTimeAsync(10);
		expect(job.value.look).toBe(2);
	});

	it("looks with each look at the bench, and not twice at a time", async () => {
		const answers = [];
		const { show, snapshot } = open();
		await vi.advanceTimersByTimeAsync(0);
		show.mockImplementation(() => new Promise((resolve) => answers.push(resolve)));
		for (let n = 0; n < 5; n += 1) {
			snapshot.value = {};
			await nextTick();
		}
		expect(show).toHaveBeenCalledTimes(2);
		answers[0]({});
		await vi.advanceTimersByTimeAsync(0);
		expect(show).toHaveBeenCalledTimes(3);
	});

	it("knows why, anew with each look", async () => {
		let looks = 0;
		const { explanation, snapshot } = open({ explain: async () => ({ looks: ++looks }) });
		await vi.advanceTimersByTimeAsync(100);
		expect(explanation.value).toEqual({ looks: 1 });
		snapshot.value = {};
		await nextTick();
		await vi.advanceTimersByTimeAsync(2000);
		expect(explanation.value).toEqual({ looks: 2 });
	});

	it("knows why also when that takes longer than the next look", async () => {
		let answer;
		const explain = vi.fn(() => new Promise((resolve) => (answer = resolve)));
		const { explanation, snapshot } = open({ explain });
		for (let n = 0; n < 3; n += 1) {
			snapshot.value = {};
			await nextTick();
			await vi.advanceTimersByTimeAsync(2000);
		}
		expect(explain).toHaveBeenCalledTimes(1);
		answer({ causes: ["It is a ghost."] });
		await vi.advanceTimersByTimeAsync(10);
		expect(explanation.value).toEqual({ causes: ["It is a ghost."] });
		// Something changed meanwhile: once more, however often that was.
		expect(explain).toHaveBeenCalledTimes(2);
	});

	it("shows the job all the same when nobody can say why", async () => {
		const explain = async () => {
			throw new Error("no such call");
		};
		const { job, error, explanation } = open({ explain });
		await vi.advanceTimersByTimeAsync(100);
		expect(job.value.look).toBe(1);
		expect(error.value).toBeNull();
		expect(explanation.value).toBeNull();
	});

	it("asks no more once it is closed", async () => {
		const { show, snapshot } = open();
		await vi.advanceTimersByTimeAsync(0);
		let answer;
		show.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
		for (let n = 0; n < 2; n += 1) {
			snapshot.value = {};
			await nextTick();
		}
		expect(show).toHaveBeenCalledTimes(2);
		scope.stop();
		answer({});
		snapshot.value = {};
		await vi.advanceTimersByTimeAsync(5000);
		expect(show).toHaveBeenCalledTimes(2);
	});
});
