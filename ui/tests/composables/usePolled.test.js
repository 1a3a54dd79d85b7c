import { effectScope, nextTick, ref } from "vue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { usePolled } from "@/composables/usePolled.js";

const EVERY_MS = 4000;
let scope;
let answers;
let question;
let news;
let ask;
let answered;

function start(more = {}) {
	scope = effectScope();
	return scope.run(() =>
		usePolled({ ask, of: [question], when: [news], everyMs: EVERY_MS, answered, ...more }),
	);
}

const pass = (ms) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
	vi.useFakeTimers();
	answers = [];
	question = ref("a");
	news = ref(0);
	ask = vi.fn(() => new Promise((resolve) => answers.push(resolve)));
	answered = vi.fn();
});

afterEach(() => {
	scope.stop();
	vi.useRealTimers();
});

it("shows answers that take longer than the pause between two looks", async () => {
	const { answer } = start();
	for (let look = 0; look < 5; look += 1) {
		news.value += 1;
		await pass(500);
	}
	expect(ask).toHaveBeenCalledTimes(1);
	answers[0]({ n: 1 });
	await pass(0);
	expect(answer.value).toEqual({ n: 1 });
	// What came meanwhile is asked for once.
	expect(ask).toHaveBeenCalledTimes(2);
});

it("lets the answer to another question count alone, and does not wait for the old one's", async () => {
	const { answer } = start();
	question.value = "b";
	await nextTick();
	expect(ask).toHaveBeenCalledTimes(2);
	answers[1]({ of: "b" });
	answers[0]({ of: "a" });
	await pass(0);
	expect(answer.value).toEqual({ of: "b" });
});

it("keeps what has not changed, and says that it was answered all the same", async () => {
	const { answer } = start();
	answers[0]({ locks: [{ key: "a", holders: [] }] });
	await pass(0);
	const before = answer.value;
	news.value += 1;
	await nextTick();
	answers[1]({ locks: [{ key: "a", holders: [] }] });
	await pass(0);
	expect(answer.value).toBe(before);
	expect(answered).toHaveBeenCalledTimes(2);
});

it("asks by itself so long after the last time, and not when the page is left", async () => {
	start();
	answers[0]({});
	await pass(EVERY_MS - 1);
	news.value += 1;
	await nextTick();
	answers[1]({});
	await pass(EVERY_MS - 1);
	expect(ask).toHaveBeenCalledTimes(2);
	await pass(1);
	expect(ask).toHaveBeenCalledTimes(3);
	answers[2]({});
	await pass(0);
	scope.stop();
	expect(vi.getTimerCount()).toBe(0);
});

it("keeps the last answer when one fails", async () => {
	const { answer, error } = start();
	answers[0]({ n: 1 });
	await pass(0);
	ask.mockRejectedValueOnce(new Error("gone"));
	news.value += 1;
	await pass(0);
	expect(error.value.message).toBe("gone");
	expect(answer.value).toEqual({ n: 1 });
});

it("asks by itself no more when the answer cannot change", async () => {
	const goesOn = ref(true);
	start({ goesOn: () => goesOn.value });
	answers.pop()("first");
	await pass(EVERY_MS);
	expect(ask).toHaveBeenCalledTimes(2);
	answers.pop()("second");
	goesOn.value = false;
	await pass(3 * EVERY_MS);
	expect(ask).toHaveBeenCalledTimes(2);
	news.value += 1;
	await nextTick();
	expect(ask).toHaveBeenCalledTimes(3);
});
