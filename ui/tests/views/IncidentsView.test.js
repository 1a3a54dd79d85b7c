import { afterEach, expect, it } from "vitest";
import { button, mountPage, settle } from "../support/page.js";
import { wireSnapshot } from "../support/wire.js";

let page;
afterEach(() => page.wrapper.unmount());

const incident = (more) => ({
	name: "INC-000001",
	status: "Open",
	severity: "Critical",
	code: "ghost_queued",
	message: "pull_email is a ghost",
	jobs: 3,
	queue: "short",
	job_id: "a||1",
	opened: "2026-11-23T16:40:00Z",
	...more,
});
const start = { path: ["incidents"], query: {} };

it("shows what is open first, and what ended with how it ended", async () => {
	const ended = {
		name: "INC-000002",
		status: "Resolved",
		resolved: "2026-11-23T16:50:00Z",
		how: "requeue, by ops@x",
	};
	const incidents = [incident(), incident(ended)];
	page = await mountPage({ answers: { open_incidents: { incidents } }, start });
	const [open, last] = page.wrapper.findAll("main section");
	expect(open.text()).toContain("pull_email is a ghost");
	expect(open.text()).toContain("3 jobs");
	expect(last.text()).toContain("lasted 10 min");
	expect(last.text()).toContain("requeue, by ops@x");
	expect(button(last, "Acknowledge")).toBeUndefined();
});

it("says what was changed shortly before", async () => {
	const after = "It began 4 min after this: shop 1.4.2 installed.";
	const incidents = [incident({ after })];
	page = await mountPage({ answers: { open_incidents: { incidents } }, start });
	expect(page.wrapper.find("main section").text()).toContain(after);
});

it("acknowledges in one click and says who looks after it", async () => {
	const seen = incident({ status: "Acknowledged", acknowledged_by: "ops@x" });
	const answers = {
		open_incidents: { incidents: [incident()] },
		acknowledge: { incidents: [seen] },
	};
	page = await mountPage({ answers, start });
	await button(page.wrapper, "Acknowledge").trigger("click");
	await settle();
	expect(page.host.post).toHaveBeenCalledWith("acknowledge", { incident: "INC-000001" });
	expect(page.wrapper.text()).toContain("ops@x looks after it");
	expect(button(page.wrapper, "Acknowledge")).toBeUndefined();
});

it("says what would be here when there is none", async () => {
	page = await mountPage({ answers: { open_incidents: { incidents: [] } }, start });
	expect(page.wrapper.text()).toContain("No incident, now or on the last day.");
});

it("acknowledges nothing for who only looks", async () => {
	const answers = {
		open_incidents: { incidents: [incident()] },
		snapshot: wireSnapshot({ read_only: true }),
	};
	page = await mountPage({ answers, start });
	expect(page.wrapper.text()).toContain("pull_email is a ghost");
	expect(button(page.wrapper, "Acknowledge")).toBeUndefined();
});

it("leads to no job where only an id is left", async () => {
	const incidents = [incident(), incident({ name: "INC-000003", code: "orphan_id" })];
	page = await mountPage({ answers: { open_incidents: { incidents } }, start });
	const rows = page.wrapper.findAll("main li");
	expect(rows.map((row) => row.text().includes("Show job"))).toEqual([true, false]);
});
