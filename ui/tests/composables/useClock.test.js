import { effectScope } from "vue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useClock, WORKED_MS } from "@/composables/useClock.js";

const BEGAN = 1_000_000;
let scope;
let clock;

const pass = (ms) => vi.advanceTimersByTime(ms);

beforeEach(() => {
	vi.useFakeTimers({ now: BEGAN });
	scope = effectScope();
	clock = scope.run(() => useClock());
});

afterEach(() => {
	scope.stop();
	vi.useRealTimers();
});

it("ticks once a second where somebody works, and looks between two ticks draw nothing", () => {
	pass(3000);
	expect(clock.now.value).toBe(BEGAN + 3000);
	pass(300);
	clock.looked(new Date(Date.now() - 20));
	expect(clock.now.value).toBe(BEGAN + 3000);
	for (let moved = 0; moved < 10; moved += 1) {
		pass(WORKED_MS / 2);
		document.dispatchEvent(new Event("pointermove"));
	}
	pass(1000);
	expect(Date.now() - clock.now.value).toBeLessThan(1000);
});

it("ticks with each look where nobody works, and at once when somebody comes back", () => {
	pass(WORKED_MS + 5000);
	const last = BEGAN + WORKED_MS - 1000;
	expect(clock.now.value).toBe(last);
	clock.looked(new Date());
	expect(clock.now.value).toBe(Date.now());
	pass(3000);
	clock.looked(); // it failed: since when is told all the same
	expect(clock.now.value).toBe(Date.now());
	pass(2000);
	expect(clock.now.value).toBe(Date.now() - 2000);
	document.dispatchEvent(new Event("keydown"));
	expect(clock.now.value).toBe(Date.now());
	pass(1000);
	expect(Date.now() - clock.now.value).toBeLessThan(1000);
});

it("goes by the server's clock where this one is wrong, at once", () => {
	pass(300);
	clock.looked(new Date(Date.now() + 3_600_000));
	expect(clock.now.value).toBe(BEGAN + 300 + 3_600_000);
	expect(clock.here.value).toBe(BEGAN + 300);
	pass(1000);
	clock.looked();
	expect(clock.now.value - clock.here.value).toBe(3_600_000);
});

it("does not go back when a busy server takes its time: nothing is in the future then", () => {
	pass(300);
	clock.looked(new Date(Date.now() - 100));
	clock.looked(new Date(Date.now() - 9000));
	pass(1000);
	expect(clock.now.value).toBe(clock.here.value);
});

it("leaves nothing behind", () => {
	const removed = vi.spyOn(document, "removeEventListener");
	scope.stop();
	expect(vi.getTimerCount()).toBe(0);
	expect(removed.mock.calls.map(([event]) => event)).toContain("pointermove");
});
