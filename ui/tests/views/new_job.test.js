import { describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import { momentOf, setHabit, shownBy } from "@/domain/habit.js";
import { firstArguments, readArguments } from "@/domain/new_job.js";
import { translate } from "@/host/web.js";
import { button, mountPage, settle } from "../support/page.js";
import { wireDetail, wireSnapshot } from "../support/wire.js";

const FORM = {
	methods: ["shop.mail.send", "shop.stock.sync"],
	lanes: { short: 300, long: 1500 },
	method: "shop.stock.sync",
	parameters: [
		{ name: "item", required: true, default: null },
		{ name: "qty", required: false, default: "1" },
	],
	last: { job_id: "j1", arguments: { qty: 4, token: "••••••" } },
	problem: null,
};
const EMPTY = { ...FORM, method: "", parameters: null, last: null };
const start = { path: ["jobs"], query: {} };
const dialog = () => document.querySelector("dialog.jc-new");

async function open(options = {}) {
	const answers = {
		jobs: { jobs: [], total: 0, page: 1, size: 20 },
		show: wireDetail(),
		explain: { because: [] },
		job_form: ({ method } = {}) => (method ? FORM : EMPTY),
		make_job: {
			results: [{ job_id: "n1", ok: true, state_after: "queued", new_job_id: "n1" }],
		},
		...options.answers,
	};
	const page = await mountPage({ start, ...options, answers });
	await button(page.wrapper, "New job…").trigger("click");
	await settle();
	return page;
}

async function fill(wrapper, id, value) {
	await wrapper.find(`#jc-new-${id}`).setValue(value);
	await settle();
}

describe("a new job", () => {
	it("is made of a method that has run, with arguments, lane, timeout, time and reason", async () => {
		const { host, wrapper } = await open();
		const send = () => button(wrapper, "Make it");
		expect(wrapper.findAll("#jc-new-methods option").length).toBe(2);
		await fill(wrapper, "method", "shop.stock.sync");
		await wrapper.find("#jc-new-method").trigger("change");
		await settle();
		expect(JSON.parse(wrapper.find("#jc-new-arguments").element.value)).toEqual({
			item: null,
			qty: 4,
		});
		expect(dialog().textContent).toContain("It takes: item, qty = 1");
		expect(send().element.disabled).toBe(true);
		await fill(wrapper, "arguments", '{"item": "I-1"}');
		await fill(wrapper, "lane", "long");
		await fill(wrapper, "timeout", "60");
		await fill(wrapper, "at", "2026-12-01T18:00");
		await fill(wrapper, "reason", " after the import ");
		expect(send().text()).toBe("Make it for then");
		await wrapper.find("dialog form").trigger("submit");
		await settle();
		expect(host.post).toHaveBeenCalledWith("make_job", {
			method: "shop.stock.sync",
			arguments: { item: "I-1" },
			queue: "long",
			timeout: 60,
			at: new Date("2026-12-01T18:00").toISOString(),
			reason: "after the import",
		});
		expect(host.route.get().query.job).toBe("n1");
		wrapper.unmount();
	});

	it("says what is wrong before it is sent, and what the site did not like after", async () => {
		const refused = {
			job_id: "n1",
			ok: false,
			reason: "It stands there already.",
			new_job_id: "old",
		};
		const { wrapper } = await open({ answers: { make_job: { results: [refused] } } });
		await fill(wrapper, "method", "os.system");
		expect(dialog().textContent).toContain("No job of this site has run it");
		await fill(wrapper, "method", "shop.mail.send");
		await fill(wrapper, "reason", "x");
		await fill(wrapper, "arguments", "[1]");
		expect(dialog().textContent).toContain("This is no JSON object");
		expect(button(wrapper, "Make it now").element.disabled).toBe(true);
		await fill(wrapper, "arguments", "{}");
		await wrapper.find("dialog form").trigger("submit");
		await settle();
		expect(wrapper.find("dialog [role=alert]").text()).toContain("It stands there already.");
		expect(wrapper.find("dialog [role=alert] a").exists()).toBe(true);
		wrapper.unmount();
	});

	it("is not made where no site is at hand, which says why and what can be done there", async () => {
		const { host, wrapper } = await open({ hooks: { makesJobs: false } });
		expect(dialog().textContent).toContain("in the desk of that site");
		expect(dialog().querySelector("form")).toBeNull();
		expect(host.call).not.toHaveBeenCalledWith("job_form", expect.anything());
		wrapper.unmount();
	});

	it("is not offered to who may only look", async () => {
		const answers = { snapshot: wireSnapshot({ read_only: true }) };
		const { wrapper } = await mountPage({ start, answers });
		await nextTick();
		expect(button(wrapper, "New job…")).toBeUndefined();
		wrapper.unmount();
	});
});

describe("what somebody writes", () => {
	it("begins with what is needed and known, and never with what is hidden", () => {
		expect(JSON.parse(firstArguments(FORM))).toEqual({ item: null, qty: 4 });
		expect(readArguments(translate, "").value).toEqual({});
		for (const wrong of ["null", "3", "[]", "{"]) {
			expect(readArguments(translate, wrong).mistake).not.toBe("");
		}
	});

	it("is a time of the reader's own zone, also across a change of its clocks", () => {
		for (const zone of ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "UTC"]) {
			setHabit({ zone });
			for (const shown of ["2026-03-29T01:30", "2026-10-25T04:00", "2026-12-01T18:00"]) {
				expect(shownBy(momentOf(shown))).toBe(shown);
			}
		}
		expect(momentOf("")).toBeNull();
		setHabit({});
	});
});
