import { describe, expect, it } from "vitest";
import { queryFrom, queryString, routeFromState, stateFromRoute } from "@/domain/route.js";

const VIEWS = [
	{ id: "lanes", filters: [] },
	{ id: "jobs", filters: ["queue", "method", "page"] },
];

describe("an address", () => {
	it.each([
		{ view: "lanes", filters: {}, job: null },
		{ view: "lanes", filters: {}, job: "a||b&c=d" },
		{ view: "jobs", filters: { method: "x.*", page: "2" }, job: null },
		{ view: "jobs", filters: { queue: "bench:short" }, job: "ä/b" },
	])("shows what its sender saw: %o", (state) => {
		const { path, query } = routeFromState(state, VIEWS);
		const travelled = { path, query: queryFrom(queryString(query)) };
		expect(stateFromRoute(travelled, VIEWS)).toEqual(state);
	});
	it("of the first view has no path", () => {
		expect(routeFromState({ view: "lanes" }, VIEWS).path).toEqual([]);
	});
	it("that nobody knows shows the first view", () => {
		expect(stateFromRoute({ path: ["nope"], query: {} }, VIEWS).view).toBe("lanes");
	});
	it("drops what its view does not filter by", () => {
		const state = stateFromRoute({ path: ["jobs"], query: { evil: "1", queue: "q" } }, VIEWS);
		expect(state.filters).toEqual({ queue: "q" });
	});
});
