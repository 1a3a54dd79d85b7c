import { describe, expect, it } from "vitest";
import { MOST_NODES, waitGraph } from "@/domain/wait_graph.js";

const wait = (waiter, holder, lock = "k") => ({ waiter, holder, lock });
const at = (graph, name) => graph.nodes.find((node) => node.name === name);

describe("the graph of who waits", () => {
	it("puts whoever waits left of whom it waits for", () => {
		const graph = waitGraph([wait("a", "b"), wait("b", "c"), wait("d", "b")], []);
		expect(at(graph, "a").x).toBe(at(graph, "d").x);
		expect(at(graph, "a").y).not.toBe(at(graph, "d").y);
		expect(at(graph, "a").x).toBeLessThan(at(graph, "b").x);
		expect(at(graph, "b").x).toBeLessThan(at(graph, "c").x);
	});

	it("draws a circle, and marks what is dead", () => {
		const waits = [wait("a", "b"), wait("b", "a"), wait("c", "a")];
		const graph = waitGraph(waits, [{ waits: waits.slice(0, 2) }]);
		const dead = graph.edges.filter((edge) => edge.dead);
		expect(dead.map((edge) => edge.from).sort()).toEqual(["a", "b"]);
		expect(graph.nodes).toHaveLength(3);
		expect(graph.edges.every((edge) => edge.path.startsWith("M"))).toBe(true);
	});

	it("keeps everything within its frame, also what leads back", () => {
		const waits = [wait("a", "b"), wait("b", "c"), wait("c", "a"), wait("d", "c")];
		const graph = waitGraph(waits, []);
		for (const node of graph.nodes) {
			expect(node.x + 190).toBeLessThanOrEqual(graph.width);
			expect(node.y + 44).toBeLessThanOrEqual(graph.height);
		}
		for (const edge of graph.edges) expect(edge.middle.y).toBeLessThan(graph.height);
	});

	it("draws no two arrows for one wait", () => {
		expect(waitGraph([wait("a", "b"), wait("a", "b")], []).edges).toHaveLength(1);
		expect(waitGraph([wait("a", "b"), wait("a", "b", "other")], []).edges).toHaveLength(2);
	});

	it("leaves it to words when there is nothing to draw, or too much", () => {
		expect(waitGraph([], [])).toBeNull();
		const crowd = Array.from({ length: MOST_NODES }, (_, n) => wait(`w${n}`, "h"));
		expect(waitGraph(crowd, [])).toBeNull();
	});
});
