import { describe, expect, it, vi } from "vitest";
import { pageOpener } from "../../support/opened.js";
import { button, settle } from "../../support/page.js";
import { wireSnapshot, wireWarning } from "../../support/wire.js";

const open = pageOpener();
const QUIET = {
	silenced: "muted",
	acknowledged_by: "sam@example.com",
	until: "2026-11-30T16:45:00Z",
	silence_reason: "the vendor knows",
};
const health = (verdict = "ok") => ({ verdict, reasons: [], evidence: [], telling: true });

/** A page on a server that keeps what is silenced. */
async function opened(...warnings) {
	const state = new Map(warnings.map((warning) => [warning.id, warning]));
	const quiet = { acknowledge: "acknowledged", snooze: "snoozed", mute: "muted", unmute: null };
	const silence_warning = ({ warning, how, reason }) => {
		const silenced = quiet[how];
		const words = silenced
			? { ...QUIET, silenced, silence_reason: reason }
			: { silenced, acknowledged_by: null, until: null, silence_reason: null };
		state.set(warning, { ...state.get(warning), ...words });
		return { warning, ...words };
	};
	const snapshot = () => wireSnapshot({ health: health(), warnings: [...state.values()] });
	const page = await open({ answers: { snapshot, silence_warning } });
	return { ...page, state, look: () => vi.advanceTimersByTimeAsync(1500) };
}

const ghost = (change) => wireWarning({ id: "g", message: "Email pull is a ghost.", ...change });
const other = (change) => wireWarning({ id: "o", message: "Nobody serves long.", ...change });
const needs = (wrapper) => wrapper.find("[aria-label='What needs you']");
const quiet = (wrapper) => wrapper.find("[aria-label='Silenced warnings']");
const toggle = (wrapper) => quiet(wrapper).find("[aria-expanded]");

describe("silencing a warning", () => {
	it("asks how, how long and why, and takes it out of the headline and the list", async () => {
		const { wrapper, host, look } = await opened(ghost(), other());
		expect(wrapper.find("h2").text()).toBe("2 things need you.");
		host.ask.mockResolvedValueOnce({ choice: "2", reason: "after the release" });
		await button(needs(wrapper), "Silence").trigger("click");
		await settle();
		const [question] = host.ask.mock.calls[0];
		expect(question.message).toContain("Email pull is a ghost.");
		expect(question.message).toContain("On all pages of this bench");
		const labels = question.fields[0].options.map((option) => option.label);
		expect(labels[2]).toBe("Snooze for 4 h");
		expect(labels.join()).toMatch(/Acknowledge.*Mute for 30 d/);
		expect(host.post.mock.lastCall).toEqual([
			"silence_warning",
			{ warning: "g", how: "snooze", seconds: 14_400, reason: "after the release" },
		]);
		await look();
		expect(wrapper.find("h2").text()).toBe("1 thing needs you.");
		expect(needs(wrapper).text()).not.toContain("Email pull is a ghost.");
		expect(quiet(wrapper).text()).toBe("1 silenced warning");
	});

	it("is for one site where the page is one site's", async () => {
		const site = "shop.example.com";
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ site, warnings: [ghost()] }) },
		});
		await button(needs(wrapper), "Silence").trigger("click");
		expect(host.ask.mock.calls[0][0].message).toContain(`On the pages of ${site}`);
	});

	it("does nothing when nobody answers, and says why it was refused", async () => {
		const silence_warning = () => {
			throw new Error("At most 500 warnings are silenced at once.");
		};
		const { wrapper, host } = await open({
			answers: { snapshot: wireSnapshot({ warnings: [ghost()] }), silence_warning },
		});
		host.ask.mockResolvedValueOnce(null);
		await button(needs(wrapper), "Silence").trigger("click");
		await settle();
		expect(host.post).not.toHaveBeenCalled();
		host.ask.mockResolvedValueOnce({ choice: "0", reason: "x" });
		await button(needs(wrapper), "Silence").trigger("click");
		await settle();
		expect(host.notify).toHaveBeenCalledWith(
			"At most 500 warnings are silenced at once.",
			"red",
		);
	});
});

describe("silenced warnings", () => {
	it("say by whom, until when and why, once somebody looks", async () => {
		const { wrapper } = await opened(ghost(QUIET), other());
		expect(quiet(wrapper).text()).not.toContain("Email pull");
		expect(toggle(wrapper).attributes("aria-expanded")).toBe("false");
		await toggle(wrapper).trigger("click");
		const row = quiet(wrapper).find(".jc-warning");
		expect(row.text()).toContain("Email pull is a ghost.");
		expect(row.text()).toMatch(/Muted by sam@example.com until .*2026.*, also when it comes/);
		expect(row.text()).toContain("“the vendor knows”");
		expect(button(row, "Free it")).toBeDefined();
	});

	it("are still there when somebody mutes everything: that is not called well", async () => {
		const { wrapper } = await opened(ghost(QUIET), other({ ...QUIET, silenced: "snoozed" }));
		expect(wrapper.find("h2").text()).toBe("Nothing else needs you: 2 warnings are silenced.");
		expect(wrapper.find(".jc-verdict-green").exists()).toBe(false);
		expect(needs(wrapper).exists()).toBe(false);
		expect(quiet(wrapper).text()).toBe("2 silenced warnings");
	});

	it("are told again by a click, with a reason that may be left out", async () => {
		const { wrapper, host, look } = await opened(ghost(QUIET));
		await toggle(wrapper).trigger("click");
		host.ask.mockResolvedValueOnce({ reason: "" });
		await button(quiet(wrapper), "Tell again").trigger("click");
		await settle();
		expect(host.ask.mock.calls[0][0].fields[0].optional).toBe(true);
		expect(host.post.mock.lastCall).toEqual([
			"silence_warning",
			{ warning: "g", how: "unmute" },
		]);
		await look();
		expect(quiet(wrapper).exists()).toBe(false);
		expect(needs(wrapper).text()).toContain("Email pull is a ghost.");
	});

	it("offer no way out to who may only read", async () => {
		const { wrapper } = await open({
			answers: {
				snapshot: wireSnapshot({ read_only: true, warnings: [ghost(), other(QUIET)] }),
			},
		});
		expect(button(wrapper, "Silence…")).toBeUndefined();
		await toggle(wrapper).trigger("click");
		expect(button(wrapper, "Tell again")).toBeUndefined();
		expect(quiet(wrapper).text()).toContain("Muted by sam@example.com");
	});
});

describe("the focus", () => {
	it("goes along when the row moves: to the closed section, and back to the row", async () => {
		const { wrapper, state, look } = await opened(ghost(), other());
		const mine = () => wrapper.find("[data-jc-kept=g] [data-jc-keeps]");
		mine().element.focus();
		await mine().trigger("click");
		await look();
		expect(state.get("g").silenced).toBe("acknowledged");
		expect(document.activeElement).toBe(toggle(wrapper).element);
		await toggle(wrapper).trigger("click");
		mine().element.focus();
		await mine().trigger("click");
		await look();
		expect(state.get("g").silenced).toBeNull();
		expect(document.activeElement).toBe(mine().element);
		expect(needs(wrapper).element.contains(document.activeElement)).toBe(true);
	});

	it("stays in the list when its warning is gone, and is not taken from elsewhere", async () => {
		const { wrapper, state, host, look } = await opened(ghost(), other());
		wrapper.find("[data-jc-kept=g] [data-jc-keeps]").element.focus();
		state.delete("g");
		host.emit("changed");
		await look();
		expect(document.activeElement).toBe(wrapper.find(".jc-warnings").element);
		const search = wrapper.find("[data-jc-search]").element;
		search.focus();
		state.delete("o");
		host.emit("changed");
		await look();
		expect(document.activeElement).toBe(search);
	});
});
