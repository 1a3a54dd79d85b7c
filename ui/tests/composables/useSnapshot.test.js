import { effectScope, ref } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
	BACK_OFF_MS,
	GAP_MS,
	POLL_MS,
	SETTLE_MS,
	useSnapshot,
} from "@/composables/useSnapshot.js";

let scope;
let emit;
let fetch;
let unsubscribe;
let hidden;
let everyMs;

function start() {
	scope = effectScope();
	return scope.run(() =>
		useSnapshot({
			fetch,
			subscribe: (listener) => {
				emit = listener;
				return unsubscribe;
			},
			everyMs,
		}),
	);
}

function setHidden(value) {
	hidden = value;
	document.dispatchEvent(new Event("visibilitychange"));
}

const pass = (ms) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers();
	hidden = false;
	everyMs = ref(null);
	vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
	fetch = vi.fn(async () => ({ n: fetch.mock.calls.length }));
	unsubscribe = vi.fn();
});

afterEach(() => {
	scope.stop();
	vi.useRealTimers();
});

describe("the snapshot", () => {
	it("is taken at once, and polled when no events come", async () => {
		const feed = start();
		await pass(0);
		expect(feed.snapshot.value).toEqual({ n: 1 });
		await pass(POLL_MS);
		expect(fetch).toHaveBeenCalledTimes(2);
	});

	it("is taken at once when an event comes, as new as the event says, and not twice", async () => {
		start();
		emit("open");
		await pass(3000);
		const looks = fetch.mock.calls.length;
		emit("changed", "2026-11-30T10:00:00.5Z");
		expect(fetch).toHaveBeenCalledTimes(looks + 1);
		expect(fetch).toHaveBeenLastCalledWith({ since: "2026-11-30T10:00:00.5Z" });
		await pass(POLL_MS - 1);
		expect(fetch).toHaveBeenCalledTimes(looks + 1);
		await pass(1);
		expect(fetch).toHaveBeenLastCalledWith({ since: undefined });
	});

	it("is asked for anew for an event that comes while it is on its way", async () => {
		const answers = [];
		fetch = vi.fn(() => new Promise((resolve) => answers.push(resolve)));
		start();
		emit("changed", "one");
		emit("changed", "two");
		answers[0]({});
		await pass(GAP_MS);
		expect(fetch.mock.calls.map(([asked]) => asked.since)).toEqual([undefined, "two"]);
	});

	it("keeps what has not changed, so that its rows are not drawn anew", async () => {
		const lane = (waiting) => ({
			name: "short",
			counts: { queued: waiting },
			running: [{ id: "a", startedAt: new Date(5) }],
		});
		const answers = [
			{ at: new Date(1), lanes: [lane(1)] },
			{ at: new Date(2), lanes: [lane(2)] },
		];
		fetch = vi.fn(async () => answers.shift());
		const feed = start();
		await pass(0);
		const before = feed.snapshot.value;
		await pass(POLL_MS);
		const after = feed.snapshot.value;
		expect(after).not.toBe(before);
		expect(after.lanes[0].counts.queued).toBe(2);
		expect(after.lanes[0].running).toBe(before.lanes[0].running);
	});

	it("is taken at once when the events break off", async () => {
		start();
		emit("open");
		await pass(3000);
		const looks = fetch.mock.calls.length;
		emit("closed");
		emit("closed");
		await pass(GAP_MS);
		expect(fetch).toHaveBeenCalledTimes(looks + 1);
	});

	it("is not taken again and again for events that come together", async () => {
		start();
		await pass(0);
		for (let n = 0; n < 50; n += 1) emit("changed", String(n));
		await pass(GAP_MS - 1);
		expect(fetch).toHaveBeenCalledTimes(1);
		await pass(1);
		expect(fetch).toHaveBeenCalledTimes(2);
		expect(fetch).toHaveBeenLastCalledWith({ since: "49" });
		await pass(POLL_MS - 1);
		expect(fetch).toHaveBeenCalledTimes(2);
	});

	it("is taken once more when an event does not say how new it must be", async () => {
		start();
		emit("open");
		await pass(3000);
		const looks = fetch.mock.calls.length;
		emit("changed");
		await pass(SETTLE_MS - 1);
		expect(fetch).toHaveBeenCalledTimes(looks + 1);
		await pass(1);
		expect(fetch).toHaveBeenCalledTimes(looks + 2);
		await pass(POLL_MS - 1);
		expect(fetch).toHaveBeenCalledTimes(looks + 2);
	});

	it("is never asked for twice at a time, and again for what changed meanwhile", async () => {
		let answer;
		fetch = vi.fn(() => new Promise((resolve) => (answer = resolve)));
		start();
		emit("changed");
		await pass(3000);
		expect(fetch).toHaveBeenCalledTimes(1);
		answer({});
		await pass(0);
		expect(fetch).toHaveBeenCalledTimes(2);
	});

	it("rests while the tab is hidden and is taken when it comes back", async () => {
		start();
		await pass(0);
		setHidden(true);
		emit("changed");
		await pass(60_000);
		expect(fetch).toHaveBeenCalledTimes(1);
		setHidden(false);
		await pass(0);
		expect(fetch).toHaveBeenCalledTimes(2);
	});

	it("stays when a look fails, says since when, backs off and recovers", async () => {
		const feed = start();
		await pass(0);
		const down = Object.assign(new Error("Redis is gone"), { type: "RedisUnavailable" });
		fetch.mockRejectedValue(down);
		await pass(POLL_MS);
		const { since } = feed.broken.value;
		expect(feed.broken.value).toMatchObject({
			type: "RedisUnavailable",
			message: "Redis is gone",
		});
		expect(feed.snapshot.value).toEqual({ n: 1 });

		await pass(BACK_OFF_MS[0]);
		expect(fetch).toHaveBeenCalledTimes(3);
		await pass(BACK_OFF_MS[1] - 1);
		expect(fetch).toHaveBeenCalledTimes(3);
		await pass(1);
		expect(fetch).toHaveBeenCalledTimes(4);
		expect(feed.broken.value.since).toBe(since);

		fetch.mockResolvedValue({ n: "back" });
		await pass(BACK_OFF_MS[2]);
		expect(feed.broken.value).toBeNull();
		expect(feed.snapshot.value).toEqual({ n: "back" });
	});

	it("keeps to the reader's own pace, whatever happens", async () => {
		everyMs.value = 15_000;
		start();
		await pass(0);
		emit("open");
		emit("changed", "one");
		await pass(14_999);
		expect(fetch).toHaveBeenCalledTimes(1);
		await pass(1);
		expect(fetch).toHaveBeenCalledTimes(2);
		expect(fetch).toHaveBeenLastCalledWith({ since: "one" });
	});

	it("is not taken while the reader has paused it, but when they ask, act or go on", async () => {
		const feed = start();
		await pass(0);
		everyMs.value = Infinity;
		await pass(0);
		emit("changed", "one");
		setHidden(true);
		setHidden(false);
		await pass(600_000);
		expect(fetch).toHaveBeenCalledTimes(1);
		feed.refresh();
		await pass(SETTLE_MS);
		expect(fetch).toHaveBeenCalledTimes(3);
		await pass(600_000);
		expect(fetch).toHaveBeenCalledTimes(3);
		everyMs.value = null;
		await pass(0);
		expect(fetch).toHaveBeenCalledTimes(4);
	});

	it("leaves nothing running behind", async () => {
		start();
		await pass(0);
		scope.stop();
		expect(unsubscribe).toHaveBeenCalled();
		await pass(60_000);
		expect(fetch).toHaveBeenCalledTimes(1);
		expect(vi.getTimerCount()).toBe(0);
	});
});
