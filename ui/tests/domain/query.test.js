import { describe, expect, it } from "vitest";
import { isSearch, queryOf, queryTerms, quoted, termValue, withTerm } from "@/domain/query.js";
import { argumentSummaries } from "@/domain/argument_summary.js";
import { COLUMNS, ariaSort, nextSort, settled, sortedJobs } from "@/domain/job_columns.js";

describe("a query as it is written", () => {
	it("has terms, each with its place", () => {
		const text = 'method:sync_* -user:mia age:>1h arg.invoice:"SINV 1" word "two words" a::b';
		const terms = queryTerms(text);
		expect(terms.map(({ field, value, negated }) => [field, value, negated])).toEqual([
			["method", "sync_*", false],
			["user", "mia", true],
			["age", ">1h", false],
			["arg.invoice", "SINV 1", false],
			["", "word", false],
			["", "two words", false],
			["", "a::b", false],
		]);
		expect(terms.map(({ start, end }) => text.slice(start, end)).join(" ")).toBe(text);
	});

	it("ends for any text", () => {
		for (const text of ["", "-", '"', '"open', ":", "::", '-"', "a:", "\\", '"\\', "é:ü"]) {
			const terms = queryTerms(text);
			expect(terms.map((term) => text.slice(term.start, term.end)).join(""), text).toBe(
				text.trim(),
			);
		}
	});

	it("lets one term be set and taken away, and leaves the others", () => {
		expect(withTerm("", "status", "failed")).toBe("status:failed");
		expect(withTerm('status:failed "a b"', "status", "queued")).toBe('"a b" status:queued');
		expect(withTerm("status:failed -status:dead x", "status", "")).toBe("-status:dead x");
		expect(withTerm("x", "queue", "my lane")).toBe('x queue:"my lane"');
		expect(termValue("status:failed x", "status")).toBe("failed");
		expect(termValue("status:failed status:queued", "status")).toBe("");
		expect(quoted('a "b"')).toBe('"a \\"b\\""');
	});

	it("is made of what an older address says", () => {
		const label = (name) => name.split(":").pop();
		const filters = { queue: "bench:short", status: "failed", text: "SINV 1", q: "age:>1h" };
		expect(queryOf(filters, label)).toBe('age:>1h status:failed queue:short "SINV 1"');
	});

	it("is a search when jobs must be read", () => {
		expect(isSearch("")).toBe(false);
		expect(isSearch("status:failed,queued -queue:short")).toBe(false);
		expect(isSearch("status:failed mia")).toBe(true);
		expect(isSearch("age:>1h")).toBe(true);
	});
});

describe("what tells jobs of one method apart", () => {
	const job = (id, args, method = "send") => ({ id, method, arguments: args });
	const words = (jobs) =>
		[...argumentSummaries(jobs).values()].map((row) =>
			row.map((each) => `${each.name}=${each.value}`).join(" "),
		);

	it("is what differs among those on the screen", () => {
		expect(
			words([
				job("1", { site: "a", newsletter: "April", to: 5 }),
				job("2", { site: "a", newsletter: "May", to: 5 }),
				job("3", { site: "a", newsletter: "June", to: 5, extra: [1] }),
				job("4", { site: "a" }, "other"),
			]),
		).toEqual(["newsletter=April", "newsletter=May", "newsletter=June extra=[1]", "site=a"]);
	});

	it("is the first few, where nothing differs, and cut", () => {
		expect(words([job("1", { a: 1, b: null, c: "x".repeat(60), d: 4 })])).toEqual([
			`a=1 b=null c=${"x".repeat(39)}…`,
		]);
	});
});

describe("columns", () => {
	const column = (id) => COLUMNS.find((each) => each.id === id);

	it("sort one way, the other way, and not at all", () => {
		expect(nextSort(column("ended"), "")).toBe("-ended");
		expect(nextSort(column("ended"), "-ended")).toBe("ended");
		expect(nextSort(column("ended"), "ended")).toBe("");
		expect(nextSort(column("user"), "-ended")).toBe("user");
		expect(ariaSort(column("user"), "-user")).toBe("descending");
		expect(ariaSort(column("user"), "")).toBe("none");
		expect(ariaSort(column("arguments"), "")).toBeUndefined();
	});

	it("are as usual where nothing sensible was kept", () => {
		for (const kept of [null, {}, { columns: "x", density: 7, size: -1 }]) {
			expect(settled(kept)).toEqual(settled(null));
		}
		const { columns } = settled({ columns: ["user", "gone"] });
		expect(columns, "the job itself stays").toEqual(["job", "user"]);
	});

	it("sort hits, those without a value last", () => {
		const jobs = [
			{ id: "a", elapsedS: 1 },
			{ id: "b", elapsedS: null },
			{ id: "c", elapsedS: 3 },
		];
		const ids = (sort) => sortedJobs(jobs, sort).map((job) => job.id);
		expect(ids("took")).toEqual(["a", "c", "b"]);
		expect(ids("-took")).toEqual(["c", "a", "b"]);
		expect(ids("")).toEqual(["a", "b", "c"]);
	});
});
