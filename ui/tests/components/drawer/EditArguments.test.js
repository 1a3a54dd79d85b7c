import { afterEach, describe, expect, it } from "vitest";
import { button, mountPage, settle } from "../../support/page.js";
import { wireDetail } from "../../support/wire.js";

const ID = "shop.example.com||abc";
let page;

async function open(change, answer) {
	const ended = { id: ID, status: "failed", actions: ["retry"], repeat: "safe" };
	const args = { customer: "C-1", password: "••••••" };
	page = await mountPage({
		answers: {
			show: wireDetail({ ...ended, arguments: args, ...change }),
			explain: { because: [] },
			retry_edited: answer || { results: [{ job_id: ID, ok: true, new_job_id: "new-one" }] },
		},
		start: { path: ["jobs"], query: { job: ID } },
	});
	await settle();
	return page;
}

async function edit(wrapper, text) {
	await button(wrapper, "Edit and retry").trigger("click");
	await wrapper.find(".jc-edit textarea").setValue(text);
}

afterEach(() => page.wrapper.unmount());

describe("edit and retry", () => {
	it("sends what was changed, and leads to the new job", async () => {
		const { wrapper, host } = await open();
		await edit(wrapper, '"C-2"');
		expect(wrapper.find(".jc-edit-differences").text()).toBe('customer: "C-1" → "C-2"');
		await wrapper.find(".jc-edit").trigger("submit");
		await settle();
		expect(host.post).toHaveBeenCalledWith("retry_edited", {
			job_id: ID,
			changes: { customer: "C-2" },
		});
		expect(wrapper.find(".jc-edit-made").text()).toContain("new-one");
	});

	it("says what is no JSON beside its field, and sends nothing", async () => {
		const { wrapper, host } = await open();
		await edit(wrapper, "C-2");
		expect(wrapper.find(".jc-edit textarea").attributes("aria-invalid")).toBe("true");
		expect(wrapper.find(".jc-edit-field .jc-red-text").text()).toContain("not JSON");
		await wrapper.find(".jc-edit").trigger("submit");
		expect(host.post).not.toHaveBeenCalled();
	});

	it("wants a reason where its policy calls it unsafe", async () => {
		const { wrapper, host } = await open({ repeat: "unsafe" });
		await edit(wrapper, '"C-2"');
		expect(button(wrapper, "Retry as a new job").attributes("disabled")).toBeDefined();
		await wrapper.find(".jc-edit input").setValue("the customer was wrong");
		await wrapper.find(".jc-edit").trigger("submit");
		expect(host.post.mock.calls[0][1].reason).toBe("the customer was wrong");
	});

	it("says why it was refused, and keeps what was typed", async () => {
		const why = "It is queued by now.";
		const { wrapper } = await open({}, { results: [{ job_id: ID, ok: false, reason: why }] });
		await edit(wrapper, '"C-2"');
		await wrapper.find(".jc-edit").trigger("submit");
		await settle();
		expect(wrapper.find(".jc-edit [role=alert]").text()).toBe(why);
		expect(wrapper.find(".jc-edit textarea").element.value).toBe('"C-2"');
	});

	it.each([
		["while it runs", { status: "started", actions: ["stop"] }],
		["of a schedule", { kind: "scheduled" }],
	])("is not offered %s", async (_when, change) => {
		const { wrapper } = await open(change);
		expect(button(wrapper, "Edit and retry")).toBeUndefined();
	});
});
