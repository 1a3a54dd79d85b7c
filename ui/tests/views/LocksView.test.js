import { afterEach, expect, it, vi } from "vitest";
import { button, mountPage, settle } from "../support/page.js";
import { wireSnapshot, wireWarning } from "../support/wire.js";
import { wireDeadlock, wireHolder, wireLock, wireLocks, wireWho } from "../support/wire_locks.js";

let page;
afterEach(() => {
	page.wrapper.unmount();
	vi.useRealTimers();
});

const start = { path: ["locks"], query: {} };
const KEY = "shop.example.com|recalc:C-1";
const held = () => wireLock("recalc:C-1", [wireHolder("one")], [wireWho("two"), wireWho("three")]);
const locks = (...all) => ({ locks: wireLocks({ locks: all }) });
const row = (wrapper) => wrapper.find(".jc-lock");

it("says who has a lock, for how long, how long its lease lasts, and how many wait", async () => {
	vi.useFakeTimers({ now: new Date("2026-11-23T16:45:00Z"), toFake: ["Date", "setInterval"] });
	page = await mountPage({ answers: locks(held()), start });
	const text = row(page.wrapper).text();
	for (const words of ["Held", "recalc:C-1", "one", "ann@example.com", "held 60 s", "fence 42"])
		expect(text).toContain(words);
	expect(text).toContain("2 wait");
	expect(text).toContain("lease 50 s");
	vi.advanceTimersByTime(3000);
	await settle();
	expect(row(page.wrapper).text()).toContain("lease 47 s");
});

it("says when its holder is dead, and when more wait than are shown", async () => {
	const dead = wireWarning({
		code: "lock_orphaned",
		evidence: { lock: KEY },
		message: "recalc:C-1 is held by a dead worker.",
	});
	const lost = wireWarning({ code: "worker_lost", job_id: "one", message: "one is lost." });
	const lock = { ...held(), waiters_at_least: true };
	const snapshot = wireSnapshot({ warnings: [dead, lost] });
	page = await mountPage({ answers: { ...locks(lock), snapshot }, start });
	const text = row(page.wrapper).text();
	expect(text).toContain("Orphaned");
	expect(text).not.toContain("Held");
	expect(text).toContain("lost: nothing runs it");
	expect(text).toContain("at least 2 wait");
	await button(row(page.wrapper), "Details").trigger("click");
	expect(row(page.wrapper).text()).toContain("In line, the first 2");
});

it("counts all holders where a part of them is named, and says when there may be more locks", async () => {
	const lock = { ...held(), holders_total: 80 };
	const answers = locks(lock);
	answers.locks = { ...answers.locks, locks_at_least: true };
	page = await mountPage({ answers, start });
	expect(row(page.wrapper).text()).toContain("and 79 more");
	expect(page.wrapper.text()).toContain("These are the first 1: there may be more.");
});

it("leads to the holder's job and to the waiters' jobs", async () => {
	page = await mountPage({ answers: locks(held()), start });
	await button(row(page.wrapper), "Details").trigger("click");
	const hrefs = row(page.wrapper)
		.findAll("a")
		.map((link) => link.attributes("href"));
	for (const job of ["one", "two", "three"])
		expect(hrefs.some((href) => href?.includes(`job=${job}`))).toBe(true);
	expect(row(page.wrapper).text()).toContain("Longest hold90 s");
});

it("releases from that holder alone, after saying what will happen and asking why", async () => {
	const after = wireLock("recalc:C-1", [wireHolder("two")]);
	const answers = { ...locks(held()), release_lock: { released: 1, lock: after } };
	page = await mountPage({ answers, start });
	await button(row(page.wrapper), "Release").trigger("click");
	await settle();
	const [question] = page.host.ask.mock.calls[0];
	expect(question.message).toContain("one loses it");
	expect(question.message).toContain("two is next in line");
	expect(page.host.post).toHaveBeenCalledWith("release_lock", {
		key: KEY,
		fence: 42,
		reason: "because",
	});
	expect(page.host.notify).toHaveBeenCalledWith(
		"recalc:C-1 is released; two has it now.",
		"green",
	);
	expect(page.host.call.mock.calls.filter(([name]) => name === "locks").length).toBeGreaterThan(
		1,
	);
});

it("says why nothing was released", async () => {
	const refuse = () => {
		throw new Error("Whoever had it has given it back.");
	};
	page = await mountPage({ answers: { ...locks(held()), release_lock: refuse }, start });
	await button(row(page.wrapper), "Release").trigger("click");
	await settle();
	expect(page.host.notify).toHaveBeenCalledWith("Whoever had it has given it back.", "red");
});

it("extends by what was chosen", async () => {
	const ask = vi.fn(async () => ({ seconds: "900", reason: "slow today" }));
	const answers = { ...locks(held()), extend_lock: { extended: 1, lock: held() } };
	page = await mountPage({ answers, start, hooks: { ask } });
	await button(row(page.wrapper), "Extend").trigger("click");
	await settle();
	expect(page.host.post).toHaveBeenCalledWith("extend_lock", {
		key: KEY,
		fence: 42,
		seconds: 900,
		reason: "slow today",
	});
});

it("offers each holder of a counted lock by itself", async () => {
	const many = wireLock("slots", [wireHolder("one"), wireHolder("two", { token: 43 })]);
	const answers = { ...locks(many), release_lock: { released: 1, lock: many } };
	page = await mountPage({ answers, start });
	expect(row(page.wrapper).text()).toContain("and 1 more");
	await button(row(page.wrapper), "Details").trigger("click");
	const holders = page.wrapper.find("section[aria-label=Holders]");
	await holders.findAll("button")[1].trigger("click");
	await settle();
	expect(page.host.post.mock.calls[0][1].fence).toBe(43);
});

it("names a deadlock, draws it, tells it in words, and offers the safest one to break", async () => {
	page = await mountPage({ answers: { locks: wireDeadlock() }, start });
	const deadlock = page.wrapper.find(".jc-deadlock");
	expect(deadlock.text()).toContain("one waits for two, who has stock.");
	expect(deadlock.text()).toContain("The safest to break is stock");
	expect(page.wrapper.findAll(".jc-edge-dead")).toHaveLength(2);
	expect(page.wrapper.find(".jc-waits .jc-sr").text()).toContain("two waits for one");
	await button(deadlock, "Release stock").trigger("click");
	await settle();
	expect(page.host.post.mock.calls[0][1]).toMatchObject({
		key: "shop.example.com|stock",
		fence: 43,
	});
});

it("tells who stands before another in the line, and threads of one process from each other", async () => {
	const answer = wireDeadlock();
	answer.deadlocks[0].edges[0].in_line = true;
	const thread = (number) => ({ job_id: null, method: `GET /${number}`, thread: number });
	answer.locks.push(wireLock("hot", [wireHolder("a", thread(1))], [wireWho("b", thread(2))]));
	const [one, two] = [1, 2].map((number) => `thread ${number} of process 7 on web-1`);
	answer.waits = [{ ...answer.waits[0], waiter: two, holder: one }];
	page = await mountPage({ answers: { locks: answer }, start });
	expect(page.wrapper.find(".jc-deadlock").text()).toContain(
		"one waits for two, who is before it in the line for stock.",
	);
	expect(page.wrapper.find(".jc-waits .jc-sr").text()).toContain("GET /2 waits for GET /1");
});

it("asks for idle locks when they are wanted, and keeps that in the address", async () => {
	page = await mountPage({ answers: locks(held()), start });
	await page.wrapper.find(".jc-locks-idle input").setValue(true);
	await settle();
	expect(page.host.call).toHaveBeenCalledWith("locks", { idle: 1 });
	expect(page.host.route.get().query).toEqual({ idle: "1" });
});

it("shows what else locks as what it is, with nothing to press", async () => {
	const others = [
		{
			key: "file:shop:bench_migrate",
			kind: "file",
			name: "bench_migrate",
			state: "held",
			says: "Process 9 holds it.",
			site: "shop",
			since: "2026-11-23T16:44:00Z",
			owner: { pid: 9 },
		},
		{
			key: "job id:shop:x",
			kind: "job id",
			name: "shop||sync",
			state: "held",
			says: "It waits.",
			owner: { job_id: "shop||sync" },
		},
	];
	page = await mountPage({ answers: { locks: wireLocks({ others }) }, start });
	const [file, id] = page.wrapper.findAll(".jc-other");
	expect(file.text()).toContain("Lock file");
	expect(file.text()).toContain("Process 9 holds it.");
	expect(id.find("a").attributes("href")).toContain("sync");
	expect(page.wrapper.findAll(".jc-other button")).toHaveLength(0);
});

it("teaches when nothing is locked, and offers nothing to those who only read", async () => {
	page = await mountPage({ answers: locks(), start });
	expect(page.wrapper.text()).toContain("Nothing is locked.");
	page.wrapper.unmount();
	const answers = { ...locks(held()), snapshot: wireSnapshot({ read_only: true }) };
	page = await mountPage({ answers, start });
	expect(button(row(page.wrapper), "Release")).toBeUndefined();
});

it("keeps the last snapshot when it cannot look", async () => {
	let broken = false;
	const answer = () => {
		if (broken) throw new Error("no");
		return wireLocks({ locks: [held()] });
	};
	page = await mountPage({ answers: { locks: answer }, start });
	broken = true;
	await page.wrapper.find(".jc-locks-idle input").setValue(true);
	await settle();
	expect(row(page.wrapper).exists()).toBe(true);
});

it("releases from a warning: at once where it is safe, and with a reason where it is not", async () => {
	const warning = (safe) =>
		wireWarning({
			code: safe ? "lock_orphaned" : "lock_overheld",
			evidence: { lock: KEY, fence: 42 },
			remedies: [{ action: "release_lock", label: "Release the lock", safe, explain: "…" }],
		});
	for (const safe of [true, false]) {
		const answers = {
			snapshot: wireSnapshot({ warnings: [warning(safe)] }),
			release_lock: { released: 1, lock: held() },
		};
		page?.wrapper.unmount();
		page = await mountPage({ answers });
		await button(page.wrapper, "Release the lock").trigger("click");
		await settle();
		expect(page.host.ask).toHaveBeenCalledTimes(safe ? 0 : 1);
		expect(page.host.post).toHaveBeenCalledWith("release_lock", {
			key: KEY,
			fence: 42,
			reason: safe ? "lock_orphaned" : "because",
		});
	}
});
