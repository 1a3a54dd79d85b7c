import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { POLL_MS } from "@/composables/useSnapshot.js";
import { EVERY_MS } from "@/domain/charts.js";
import { mountPage, settle } from "../support/page.js";
import { wireMetrics } from "../support/wire_metrics.js";

const looks = (host) => host.call.mock.calls.filter(([name]) => name === "snapshot").length;
const chooser = (wrapper) => wrapper.find(".jc-pace select");

beforeEach(() => {
	localStorage.clear();
	vi.useFakeTimers({
		toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"],
	});
});
afterEach(() => vi.useRealTimers());

describe("how often the page looks", () => {
	it("is chosen by its reader and remembered, and paused it looks when it is told to", async () => {
		const first = await mountPage();
		expect(chooser(first.wrapper).element.value).toBe("live");
		expect(first.wrapper.find(".jc-look-now").exists()).toBe(false);
		await chooser(first.wrapper).setValue("paused");
		first.wrapper.unmount();

		const { host, wrapper } = await mountPage({ start: { path: ["locks"], query: {} } });
		expect(chooser(wrapper).element.value).toBe("paused");
		await vi.advanceTimersByTimeAsync(20 * POLL_MS);
		expect(looks(host)).toBe(1);
		// What a view asks for besides rests, too.
		const asked = host.call.mock.calls.length;
		await vi.advanceTimersByTimeAsync(20 * POLL_MS);
		expect(host.call.mock.calls.length).toBe(asked);
		await wrapper.find(".jc-look-now").trigger("click");
		await settle();
		expect(looks(host)).toBe(2);
		wrapper.unmount();
	});

	it("is kept to by metrics, which live have a slower one of their own", async () => {
		const asked = (host) =>
			host.call.mock.calls.filter(([name]) => name === "metrics_history").length;
		const { host, wrapper } = await mountPage({
			start: { path: ["history"], query: {} },
			answers: { metrics_history: wireMetrics() },
		});
		await vi.advanceTimersByTimeAsync(EVERY_MS - 1);
		expect(asked(host)).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(asked(host)).toBe(2);
		await chooser(wrapper).setValue("paused");
		await vi.advanceTimersByTimeAsync(20 * EVERY_MS);
		expect(asked(host)).toBe(2);
		await wrapper.find(".jc-look-now").trigger("click");
		await settle();
		expect(asked(host)).toBe(3);
		wrapper.unmount();
	});

	it("is live again for who has something else in their browser", async () => {
		localStorage.setItem("job-console:refresh:", "7");
		const { host, wrapper } = await mountPage();
		// Green says that events arrive.
		expect(chooser(wrapper).find("option:checked").text()).toBe("Polling");
		expect(wrapper.find(".jc-dot-live").exists()).toBe(false);
		host.emit("open");
		await nextTick();
		expect(chooser(wrapper).element.value).toBe("live");
		expect(chooser(wrapper).find("option:checked").text()).toBe("Live");
		expect(wrapper.find(".jc-dot-live").exists()).toBe(true);
		wrapper.unmount();
	});
});
