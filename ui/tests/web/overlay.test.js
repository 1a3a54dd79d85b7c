import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOverlay } from "@/web/overlay.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("messages", () => {
	it("go away by themselves, later when they offer something", () => {
		const { notify, messages } = createOverlay();
		notify("done", "green");
		notify("canceled", "green", { label: "Undo", run: vi.fn(), seconds: 10 });
		vi.advanceTimersByTime(7000);
		expect(messages.value.map((m) => m.text)).toEqual(["canceled"]);
		vi.advanceTimersByTime(3000);
		expect(messages.value).toEqual([]);
	});

	it("are gone once their offer is taken, or when they are taken back", () => {
		const { notify, accept, messages } = createOverlay();
		const run = vi.fn();
		notify("canceled", "green", { label: "Undo", run, seconds: 10 });
		accept(messages.value[0]);
		expect(run).toHaveBeenCalledTimes(1);
		expect(messages.value).toEqual([]);
		notify("again")();
		expect(messages.value).toEqual([]);
	});
});
