import { beforeEach, describe, expect, it, vi } from "vitest";
import { pageOpener, press } from "../support/opened.js";
import { button, settle } from "../support/page.js";
import { wireJob, wireLane, wireSnapshot } from "../support/wire.js";

const open = pageOpener();
beforeEach(() => localStorage.clear());

const job = (id, change = {}) => wireJob({ id, ...change });
const list = (jobs, change = {}) => ({ total: jobs.length, page: 1, size: 20, jobs, ...change });
const snapshot = wireSnapshot({
	queues: [wireLane(), wireLane({ name: "bench:long", label: "long" })],
});

function headings(wrapper) {
	return wrapper.findAll("thead th").map((th) => th.text());
}

describe("the table of jobs", () => {
	it("is a table: headings, cells, and arguments that tell three newsletters apart", async () => {
		const jobs = ["April", "May", "June"].map((newsletter) =>
			job(newsletter, { label: "Send newsletter", arguments: { newsletter, to: 5 } }),
		);
		const { wrapper } = await open({
			start: { path: ["jobs"], query: {} },
			answers: { snapshot, jobs: list(jobs) },
		});
		expect(headings(wrapper)).toEqual([
			...["Select", "State", "Job", "Arguments", "Lane", "User"],
			...["Enqueued", "Ended", "Ran", "Action"],
		]);
		expect(wrapper.findAll("td.jc-cell-arguments").map((td) => td.text())).toEqual([
			"newsletter April",
			"newsletter May",
			"newsletter June",
		]);
		await press("j");
		expect(document.activeElement.tagName).toBe("TR");
	});

	it("sorts by a heading, and says so", async () => {
		const jobs = vi.fn(({ sort }) => list([job("a")], { sort }));
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { q: "status:failed" } },
			answers: { snapshot, jobs },
		});
		await button(wrapper.find("thead"), "Ended").trigger("click");
		await settle();
		expect(jobs.mock.lastCall[0]).toEqual({
			q: "status:failed",
			page: 1,
			size: 20,
			sort: "-ended",
		});
		expect(host.route.get().query.sort).toBe("-ended");
		expect(wrapper.find("th[aria-sort=descending]").text()).toBe("Ended");
	});

	it("says why it is not sorted", async () => {
		const { wrapper } = await open({
			start: { path: ["jobs"], query: { sort: "user" } },
			answers: { snapshot, jobs: list([job("a")], { unsorted: "These 9,000 jobs …" }) },
		});
		expect(wrapper.find(".jc-bulk-summary").text()).toContain("These 9,000 jobs …");
		expect(wrapper.findAll("th button")).toHaveLength(0);
	});

	it("keeps the columns that somebody chose, and how close the rows stand", async () => {
		const start = { path: ["jobs"], query: {} };
		const answers = { snapshot, jobs: list([job("a", { worker: "4f1c" })]) };
		const first = await open({ start, answers });
		await button(first.wrapper, "Columns").trigger("click");
		const box = (text) =>
			first.wrapper
				.findAll(".jc-menu-panel label")
				.find((label) => label.text() === text)
				.find("input");
		await box("Worker").setValue(true);
		await box("User").setValue(false);
		await box("Rows close together").setValue(true);
		expect(box("Job").element.disabled).toBe(true);
		expect(headings(first.wrapper)).toContain("Worker");
		first.wrapper.unmount();
		const again = await open({ start, answers });
		expect(headings(again.wrapper)).toContain("Worker");
		expect(headings(again.wrapper)).not.toContain("User");
		expect(again.wrapper.find("table").classes()).toContain("jc-table-compact");
	});

	it("goes to a page and to a time", async () => {
		const jobs = vi.fn(({ page, at }) =>
			list([job("a")], { total: 999, page: at ? 33 : page, approximate: false }),
		);
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { q: "status:queued queue:short" } },
			answers: { snapshot, jobs },
		});
		const number = wrapper.find(".jc-pager input[type=number]");
		await number.setValue("70");
		await settle();
		expect(host.route.get().query.page, "there are 50").toBe("50");
		await wrapper.find(".jc-pager input[type=datetime-local]").setValue("2026-11-23T10:00");
		await wrapper.find(".jc-pager form").trigger("submit");
		await settle();
		expect(jobs.mock.calls.some(([args]) => args.at)).toBe(true);
		expect(host.route.get().query.page).toBe("33");
	});
});

describe("the query box", () => {
	const offers = {
		from: 7,
		to: 9,
		offers: [
			{ text: "failed", about: "" },
			{ text: "finished", about: "" },
		],
		mistake: null,
	};

	async function typed(text, answer = offers) {
		const page = await open({
			answers: { snapshot, jobs: list([job("a")]), complete_query: answer },
		});
		const box = page.wrapper.find("[data-jc-search]");
		box.element.focus();
		await box.setValue(text);
		await vi.advanceTimersByTimeAsync(200);
		await settle();
		return { ...page, box };
	}

	it("offers, takes with the keyboard, and asks for what is written", async () => {
		const { wrapper, host, box } = await typed("status:fi");
		expect(wrapper.findAll("[role=option]").map((each) => each.text())).toEqual([
			"failed",
			"finished",
		]);
		await box.trigger("keydown.down");
		expect(box.attributes("aria-activedescendant")).toBeTruthy();
		await wrapper.find("form.jc-search").trigger("submit");
		await settle();
		expect(box.element.value).toBe("status:failed ");
		await wrapper.find("form.jc-search").trigger("submit");
		await settle();
		expect(host.route.get()).toEqual({
			path: ["jobs"],
			query: { q: "status:failed" },
		});
		expect(wrapper.find("[role=listbox]").exists()).toBe(false);
	});

	it("says what is wrong, and where", async () => {
		const mistake = { text: "There is no field 'metod'.", position: 4 };
		const { wrapper, box } = await typed("mia metod:x", { ...offers, offers: [], mistake });
		expect(wrapper.find(".jc-offer-mistake").text()).toContain("metod:x");
		expect(box.attributes("aria-invalid")).toBe("true");
	});

	it("is changed by the lists of lanes and states", async () => {
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: { q: "mia", sort: "user" } },
			answers: { snapshot, search: { jobs: [], cursor: null, scanned: 1, of: 1 } },
		});
		const [lanes, states] = wrapper.findAll(".jc-filters select");
		await states.setValue("failed");
		await lanes.setValue("long");
		expect(host.route.get().query).toEqual({
			q: "mia status:failed queue:long",
			sort: "user",
		});
		expect(wrapper.find("[data-jc-search]").element.value).toBe(
			"mia status:failed queue:long",
		);
	});
});

describe("an action on all that match", () => {
	const bulk = (change = {}) => ({
		id: "b1",
		action: "cancel",
		q: "status:queued",
		state: "collecting",
		scanned: 0,
		of: 900,
		matched: 0,
		tried: 0,
		limit: 10000,
		kinds: [],
		...change,
	});
	const canceled = { ok: true, state: "canceled", reason: "", count: 899 };
	const refused = { ok: false, state: "started", reason: "It runs.", count: 1 };
	const ended = bulk({
		...{ state: "done", scanned: 900, matched: 900, tried: 900, undo: "retry" },
		...{ undoable: 899, kinds: [canceled, refused] },
	});

	async function selectAll(answers) {
		const page = await open({
			start: { path: ["jobs"], query: { q: "status:queued" } },
			answers: {
				snapshot,
				jobs: list([job("a"), job("b")], { total: 900 }),
				bulks: { bulks: [] },
				...answers,
			},
		});
		await page.wrapper.find(".jc-bulk-all input").trigger("change");
		await button(page.wrapper, "Select all 900 that match").trigger("click");
		return page;
	}

	it("asks first, is worked at until its end, and says how it ended", async () => {
		const steps = [bulk({ state: "acting", matched: 900, tried: 100 }), ended];
		const step = vi.fn(() => steps.shift());
		const { wrapper, host } = await selectAll({
			start_bulk: bulk(),
			step_bulk: step,
			undo_bulk: bulk({ action: "retry", undoes: "b1", state: "done", matched: 899 }),
		});
		await button(wrapper.find(".jc-bulk"), "Cancel").trigger("click");
		await settle();
		await settle();
		expect(host.ask.mock.lastCall[0].title).toBe("Cancel: all 900 that match");
		expect(host.post).toHaveBeenCalledWith("start_bulk", {
			action: "cancel",
			q: "status:queued",
			reason: "because",
		});
		expect(step).toHaveBeenCalledTimes(2);
		const panel = wrapper.find(".jc-bulk-progress");
		expect(panel.text()).toContain("900 of 900");
		expect(panel.text()).toContain("899 canceled");
		expect(panel.text()).toContain("1 Running: It runs.");
		await button(panel, "Undo: 899 go back").trigger("click");
		await settle();
		expect(host.post).toHaveBeenCalledWith("undo_bulk", { bulk: "b1" });
	});

	it("is ended in the midst", async () => {
		let answer;
		const { wrapper, host } = await selectAll({
			start_bulk: bulk({ state: "acting", matched: 900 }),
			step_bulk: () => new Promise((resolve) => (answer = resolve)),
			cancel_bulk: bulk({ state: "canceled", matched: 900, tried: 100 }),
		});
		await button(wrapper.find(".jc-bulk"), "Cancel").trigger("click");
		await settle();
		await button(wrapper, "End it here").trigger("click");
		await settle();
		answer(bulk({ state: "canceled", matched: 900, tried: 100 }));
		await settle();
		expect(host.post).toHaveBeenCalledWith("cancel_bulk", { bulk: "b1" });
		expect(wrapper.find(".jc-bulk-progress").text()).toContain(
			"Ended by you after 100 of 900",
		);
		expect(wrapper.find("[role=progressbar]").exists()).toBe(false);
	});

	it("that somebody else began is shown and gone on with", async () => {
		const { wrapper, host } = await open({
			start: { path: ["jobs"], query: {} },
			answers: {
				snapshot,
				jobs: list([job("a")]),
				bulks: { bulks: [bulk({ state: "acting", matched: 900 })] },
				step_bulk: ended,
			},
		});
		await settle();
		expect(host.post).toHaveBeenCalledWith("step_bulk", { bulk: "b1" });
		expect(wrapper.find(".jc-bulk-progress").text()).toContain("899 canceled");
	});

	it("is not offered where the query names nothing", async () => {
		const { wrapper } = await open({
			start: { path: ["jobs"], query: {} },
			answers: { snapshot, jobs: list([job("a")], { total: 900 }), bulks: { bulks: [] } },
		});
		await wrapper.find(".jc-bulk-all input").trigger("change");
		expect(wrapper.text()).not.toContain("that match");
	});
});
