import { beforeEach, describe, expect, it } from "vitest";
import { editorUrl, isEditor, tracebackRows } from "@/domain/traceback.js";
import { pageOpener } from "../../support/opened.js";
import { button, settle } from "../../support/page.js";
import { wireDetail } from "../../support/wire.js";

const open = pageOpener();
const frame = (name, whose, line = 7) => ({
	text: `    ${whose}()`,
	file: `/bench/apps/${name}`,
	name,
	line,
	function: "sync",
	whose,
});
const text = (words) => ({
	text: words,
	file: null,
	name: null,
	line: null,
	function: null,
	whose: null,
});
const parts = [
	text("Traceback (most recent call last):"),
	frame("frappe/utils/background_jobs.py", "framework"),
	frame("frappe/handler.py", "framework"),
	frame("shop/stock.py", "app"),
	frame("requests/api.py", "library"),
	text("ValueError: no"),
];
const error = {
	type: "ValueError",
	message: "no",
	traceback: "the whole\ntext",
	cut: null,
	parts,
};
const drawer = async (change = {}, more = {}) => {
	const show = wireDetail({ id: "x", status: "failed", error: { ...error, ...change } });
	const page = await open({
		start: { path: [], query: { job: "x" } },
		answers: { show },
		...more,
	});
	return { ...page, trace: page.wrapper.find("[role=dialog]") };
};

beforeEach(() => localStorage.clear());

describe("a traceback", () => {
	it("opens on the app's own frame, and folds what lies between", async () => {
		const { trace } = await drawer();
		expect(trace.find(".jc-trace-own").text()).toMatch(/shop\/stock\.py:7\s*in sync/);
		expect(trace.findAll(".jc-trace-fold").map((fold) => fold.text())).toEqual([
			"2 frames of Frappe and libraries",
			"1 frame of Frappe or a library: requests/api.py",
		]);
		expect(trace.text()).not.toContain("frappe/handler.py");
		await trace.find(".jc-trace-fold").trigger("click");
		expect(trace.text()).toContain("frappe/handler.py:7");
		await trace.find(".jc-trace-fold").trigger("click");
		expect(trace.text()).not.toContain("frappe/handler.py");
	});

	it("is there as text, to be read and copied", async () => {
		const { trace, host } = await drawer();
		expect(trace.text()).not.toContain("the whole");
		await button(trace, "As text").trigger("click");
		expect(trace.find(".jc-traceback").text()).toBe("the whole\ntext");
		await trace.find("[aria-label='Copy the traceback']").trigger("click");
		expect(host.copy).toHaveBeenCalledWith("the whole\ntext");
	});

	it("without frames is its text", async () => {
		const { trace } = await drawer({ parts: [text("Work-horse terminated")] });
		expect(trace.find(".jc-traceback").text()).toBe("the whole\ntext");
	});

	it("links to the editor that somebody has chosen", async () => {
		const ask = async () => ({ editor: " vscode://file{file}:{line} " });
		const { trace } = await drawer({}, { hooks: { ask } });
		expect(trace.find(".jc-trace a").exists()).toBe(false);
		await button(trace, "Editor…").trigger("click");
		await settle();
		expect(trace.find(".jc-trace-own a").attributes("href")).toBe(
			"vscode://file/bench/apps/shop/stock.py:7",
		);
		expect(localStorage.getItem("job-console-editor")).toBe("vscode://file{file}:{line}");
	});

	it("takes no address that is none", async () => {
		const ask = async () => ({ editor: "javascript:alert('{file}')" });
		const { trace, host } = await drawer({}, { hooks: { ask } });
		await button(trace, "Editor…").trigger("click");
		await settle();
		expect(host.notify.mock.calls[0][1]).toBe("orange");
		expect(localStorage.getItem("job-console-editor")).toBe(null);
	});
});

describe("its rows", () => {
	const shown = (...frames) =>
		tracebackRows(frames)
			.filter((row) => row.innermost)
			.map((row) => row.parts[0].name);

	it("are never all folded", () => {
		expect(
			shown(frame("a", "library"), frame("b", "framework"), frame("c", "library")),
		).toEqual(["b"]);
		expect(shown(frame("a", "library"), frame("b", "library"))).toEqual(["b"]);
		expect(shown(frame("a", "app"), frame("b", "app"), frame("c", "library"))).toEqual(["b"]);
		expect(tracebackRows([])).toEqual([]);
	});
});

describe("an editor's address", () => {
	it("has a scheme that runs nothing, and the file in it", () => {
		expect(isEditor("idea://open?file={file}&line={line}")).toBe(true);
		for (const bad of [
			"",
			"x",
			"vscode://file",
			"javascript://{file}",
			"DATA://{file}",
			"a b://{file}",
		]) {
			expect(isEditor(bad), bad).toBe(false);
		}
	});

	it("is made of the file and its line; a name that is no path has none", () => {
		const at = (file) => editorUrl("e://{file}#{line}", { ...frame("x", "app"), file });
		expect(at("/a b/c?d.py")).toBe("e:///a%20b/c%3Fd.py#7");
		expect(at("<serverscript>")).toBe(null);
		expect(at(null)).toBe(null);
	});
});

describe("the drawer of a job that was deleted", () => {
	it("closes", async () => {
		const show = wireDetail({ id: "x", status: "failed", actions: ["delete", "retry"] });
		const { wrapper, host } = await open({
			start: { path: [], query: { job: "x" } },
			answers: { show },
			act: async ({ action }) => ({
				results: [
					{
						job_id: "x",
						ok: true,
						state_after: action === "delete" ? "gone" : "queued",
					},
				],
			}),
		});
		await button(wrapper.find("[role=dialog]"), "Retry").trigger("click");
		await settle();
		expect(wrapper.find("[role=dialog]").exists()).toBe(true);
		await button(wrapper.find("[role=dialog]"), "Delete").trigger("click");
		await settle();
		expect(wrapper.find("[role=dialog]").exists()).toBe(false);
		expect(host.route.set.mock.calls.at(-1)[0].query.job).toBeUndefined();
	});
});
