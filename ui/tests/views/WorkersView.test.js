import { describe, expect, it } from "vitest";
import { pageOpener } from "../support/opened.js";
import { wireSnapshot } from "../support/wire.js";

const open = pageOpener();

const worker = (change) => ({
	name: "w",
	label: "host · 7",
	state: "busy",
	queues: ["bench:short"],
	job_id: null,
	heartbeat_age_s: 3,
	...change,
});

describe("workers", () => {
	const shown = async (change) => {
		const { wrapper } = await open({
			start: { path: ["workers"], query: {} },
			answers: { snapshot: wireSnapshot({ workers: [worker(change)] }) },
		});
		return wrapper.find(".jc-worker").text();
	};

	it("that run another site's job are not between two jobs", async () => {
		expect(await shown({ elsewhere: true })).toContain("busy with a job of another site");
	});

	it("that are between two jobs say so", async () => {
		expect(await shown({})).toContain("between two jobs");
	});

	it("that were killed say so", async () => {
		const text = await shown({ state: "gone", gone: "Process 7 on host was killed." });
		expect(text).toContain("Killed");
		expect(text).toContain("Process 7 on host was killed.");
		expect(text).not.toContain("waits for a job");
	});
});
