import { afterEach, describe, expect, it, vi } from "vitest";
import { button, mountPage, settle } from "../../testing/page.js";
import { wireDetail } from "../../testing/wire.js";

const ID = "shop.example.com||abc";
let page;

async function open(change, hooks) {
	const show = wireDetail({ id: ID, ...change });
	page = await mountPage({
		answers: {
			show,
			explain: { because: [] },
			draft_policy: { values: { method: "shop.sync", timeout: 60 }, observed: { runs: 9 } },
		},
		start: { path: ["jobs"], query: { job: ID } },
		hooks,
	});
	await settle();
	return page;
}

afterEach(() => page.wrapper.unmount());

describe("a job's policy", () => {
	const policy = { name: "Sync", source: "code", decided: ["It goes to long."] };

	it("is named, with what it decided", async () => {
		const docUrl = (doctype, name) => `/app/${doctype}/${name}`;
		const { wrapper } = await open({ policy }, { docUrl });
		const section = wrapper.find(".jc-policy-name");
		expect(section.text()).toContain("Sync, declared in code");
		expect(section.find("a").attributes("href")).toBe("/app/Job Policy/Sync");
		expect(wrapper.find(".jc-policy-decided").text()).toBe("It goes to long.");
	});

	it("can be made from what was observed where there is none", async () => {
		const newDoc = vi.fn();
		const { wrapper, host } = await open({}, { newDoc });
		await button(wrapper, "Make one from what was observed").trigger("click");
		await settle();
		expect(host.call).toHaveBeenCalledWith("draft_policy", { job_id: ID });
		expect(newDoc).toHaveBeenCalledWith(
			"Job Policy",
			{ method: "shop.sync", timeout: 60 },
			{ observed: { runs: 9 } },
		);
	});

	it("says what went wrong when it cannot be made", async () => {
		const newDoc = vi.fn(async () => {
			throw new Error("No such job.");
		});
		const { wrapper, host } = await open({}, { newDoc });
		await button(wrapper, "Make one from what was observed").trigger("click");
		await settle();
		expect(host.notify).toHaveBeenCalledWith("No such job.", "red");
		expect(button(wrapper, "Make one from what was observed").element.disabled).toBe(false);
	});

	it("is not offered where there are no records", async () => {
		const { wrapper } = await open({});
		expect(wrapper.find("aside").text()).not.toContain("Policy");
	});
});
