import { ref } from "vue";
import { duration } from "../domain/format.js";
import { displayName, shortKey } from "../domain/locks.js";

/** The remedy of a warning that is about a lock; every other remedy is about a job. */
export const RELEASE = "release_lock";

const MINUTES = [5, 15, 60, 240];

/** Takes locks from their holders, and gives them more time: says what will happen, asks why, tells what did. */
export function useLockActions({ host, api, feed }) {
	const { __ } = host;
	const running = ref(false);
	const done = ref(0); // how many were: whoever shows locks looks again

	/** From this holder alone, or from all of them: whoever has it by then keeps it. */
	async function release(lock, holder = null) {
		const words = await host.ask({
			title: __("Release {0}", [shortKey(lock.key)]),
			message: `${consequenceText(lock, holder)} ${nextHolderText(lock)}`,
			yes: __("Release lock"),
			danger: true,
			fields: [reasonField()],
		});
		if (!words) return null;
		return perform(() => api.releaseLock({ ...request(lock, holder), ...words }));
	}

	/** What a warning or an explanation offers. A safe one frees what a dead holder left. */
	async function remedy({ lock, fence, code }, { safe, label, explain }) {
		const words = safe
			? { reason: code || label }
			: await host.ask({
					title: label,
					message: explain,
					yes: label,
					danger: true,
					fields: [reasonField()],
				});
		if (!words) return null;
		return perform(() => api.releaseLock({ key: lock, fence, ...words }));
	}

	async function extend(lock, holder = null) {
		const options = MINUTES.map((minutes) => ({
			value: String(minutes * 60),
			label: duration(__, minutes * 60),
		}));
		const words = await host.ask({
			title: __("Extend {0}", [shortKey(lock.key)]),
			message: __(
				"Its lease ends so much later. While its holder lives it is renewed anyway: this is for one that cannot be heard of.",
			),
			yes: __("Extend"),
			fields: [
				{ name: "seconds", label: __("By how much?"), type: "select", options },
				reasonField(),
			],
		});
		if (!words) return null;
		const seconds = Number(words.seconds);
		return perform(() =>
			api.extendLock({ ...request(lock, holder), reason: words.reason, seconds }),
		);
	}

	function only(lock, holder) {
		return holder || (lock.holders.length === 1 ? lock.holders[0] : null);
	}

	function request(lock, holder) {
		return { key: lock.key, fence: only(lock, holder)?.fence };
	}

	function consequenceText(lock, holder) {
		const from = only(lock, holder);
		const who = from
			? __("{0} loses it", [displayName(__, from)])
			: __("Its {0} holders lose it", [lock.holders.length]);
		return __("{0}, and can commit nothing more under it: that work is rolled back.", [who]);
	}

	function nextHolderText(lock) {
		const [first] = lock.waiters;
		if (!first) return __("Nobody waits for it.");
		return __("{0} is next in line and has it then.", [displayName(__, first)]);
	}

	function reasonField() {
		return { name: "reason", label: __("Why? (kept in the audit log)"), type: "text" };
	}

	async function perform(act) {
		running.value = true;
		try {
			const { lock, released } = await act();
			host.notify(resultText(lock, released), "green");
		} catch (error) {
			host.notify(error.message, "red");
		} finally {
			running.value = false;
			done.value += 1;
			feed.refresh();
		}
		return done.value;
	}

	/** What is so now, re-read by the server. */
	function resultText(lock, released) {
		const key = shortKey(lock.key);
		if (!released) return __("{0} is extended.", [key]);
		const [now] = lock.holders;
		return now
			? __("{0} is released; {1} has it now.", [key, displayName(__, now)])
			: __("{0} is released; nobody waits for it.", [key]);
	}

	return { release, extend, remedy, running, done };
}
