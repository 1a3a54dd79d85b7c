import { describe, expect, it } from "vitest";
import { blocks } from "@/domain/markdown.js";

const plain = (text) => ({ kind: "text", text });

describe("our pages about warnings", () => {
	it("are paragraphs and lists", () => {
		expect(blocks("One\nline.\n\n- a\n- b")).toEqual([
			{ list: false, items: [[plain("One line.")]] },
			{ list: true, items: [[plain("a")], [plain("b")]] },
		]);
	});

	it("know what is bold, code and a link", () => {
		const [{ items }] = blocks(
			"**Resume** runs `bench start`: [more](https://example.com/a).",
		);
		expect(items[0]).toEqual([
			{ kind: "strong", text: "Resume" },
			plain(" runs "),
			{ kind: "code", text: "bench start" },
			plain(": "),
			{ kind: "link", text: "more", href: "https://example.com/a" },
			plain("."),
		]);
	});

	it("make a tag of nothing, and a link of no script", () => {
		const [{ items }] = blocks("<b onclick=x> [run](javascript:alert(1))");
		expect(items[0].every((span) => span.kind === "text")).toBe(true);
	});
});
