import { effectScope } from "vue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useClock } from "@/composables/useClock.js";

let scope;
let clock;
let focused;

const pass = (ms) => vi.advanceTimersByTime(ms);

beforeEach(() => {
	vi.useFakeTimers({ now: 1_000_000 });
	focused = true;
	vi.spyOn(document, "hasFocus").mockImplementation(() => focused);
	scope = effectScope();
	clock = scope.run(() => useClock());
});

afterEach(() => {
	scope.stop();
	vi.useRealTimers();
});

it("ticks once a second where somebody works, and looks between two ticks draw nothing", () => {
	pass(3000);
	expect(clock.now.value).toBe(1_003_000);
	pass(300);
	clock.looked(new Date(Date.now() - 20));
	expect(clock.now.value).toBe(1_003_000);
});

it("ticks with each look where nobody works, and at once when somebody comes back", () => {
	focused = false;
	pass(3000);
	expect(clock.now.value).toBe(1_000_000);
	clock.looked(new Date());
	expect(clock.now.value).toBe(1_003_000);
	pass(3000);
	clock.looked(); // it failed: since when is told all the same
	expect(clock.now.value).toBe(1_006_000);
	pass(2000);
	focused = true;
	window.dispatchEvent(new Event("focus"));
	expect(clock.now.value).toBe(1_008_000);
});

it("goes by the server's clock where this one is wrong, at once", () => {
	pass(300);
	clock.looked(new Date(Date.now() + 3_600_000));
	expect(clock.now.value).toBe(1_000_300 + 3_600_000);
	expect(clock.here.value).toBe(1_000_300);
	pass(1000);
	clock.looked();
	expect(clock.now.value - clock.here.value).toBe(3_600_000);
});

it("leaves nothing behind", () => {
	scope.stop();
	expect(vi.getTimerCount()).toBe(0);
});
