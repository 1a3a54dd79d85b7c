import { describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { button, settle } from "../support/page.js";

const open = pageOpener();
const mine = { id: "a1", name: "Failed", q: "status:failed", sort: "-ended", may_delete: true };
const shared = { id: "b2", name: "Syncs", q: "method:sync_*", owner: "sam", shared: true };
const views = { views: [mine, shared], may_share: true };
const jobs = { jobs: [], total: 0, page: 1, size: 20 };

async function menu(more = {}) {
	const { answers, ...rest } = more;
	const page = await open({
		answers: { views, jobs, search: { jobs: [] }, ...answers },
		...rest,
	});
	await button(page.wrapper.find(".jc-tools"), "Views").trigger("click");
	await settle();
	return { ...page, panel: page.wrapper.find(".jc-tools .jc-menu-panel") };
}

describe("saved views", () => {
	it("are one's own and the shared ones, and lead to their jobs", async () => {
		const { panel, host, wrapper } = await menu();
		expect(panel.findAll("section").map((each) => each.attributes("aria-label"))).toEqual([
			"Mine",
			"Shared",
		]);
		await panel.find(".jc-saved-view-name").trigger("click", { button: 0 });
		await settle();
		expect(host.route.get()).toEqual({
			path: ["jobs"],
			query: { q: "status:failed", sort: "-ended" },
		});
		expect(wrapper.find(".jc-tools .jc-menu-panel").exists()).toBe(false);
	});

	it("keep what is on the screen, for whom somebody says", async () => {
		const start = { path: ["jobs"], query: { q: "method:x", sort: "user" } };
		const { panel, host } = await menu({ start, answers: { save_view: views } });
		host.ask.mockResolvedValue({ name: "X", whose: "shared" });
		await button(panel, "Save this view").trigger("click");
		await settle();
		expect(host.ask.mock.lastCall[0].fields.map((field) => field.name)).toEqual([
			"name",
			"whose",
		]);
		const request = { name: "X", q: "method:x", sort: "user", shared: true };
		expect(host.post).toHaveBeenCalledWith("save_view", request);
		expect(host.notify).toHaveBeenCalledWith("Saved: X.", "green");
	});

	it("are not shared by who may not, and not kept where nothing is asked for", async () => {
		const { panel } = await menu({ answers: { views: { views: [], may_share: false } } });
		expect(panel.text()).toContain("can be kept here under a name");
		expect(button(panel, "Save this view").attributes("disabled")).toBeDefined();
	});

	it("are forgotten by who may", async () => {
		const { panel, host } = await menu({ answers: { delete_view: { views: [shared] } } });
		expect(panel.findAll("[aria-label^=Forget]")).toHaveLength(1);
		await panel.find("[aria-label^=Forget]").trigger("click");
		await settle();
		expect(host.post).toHaveBeenCalledWith("delete_view", { view: "a1" });
	});
});
