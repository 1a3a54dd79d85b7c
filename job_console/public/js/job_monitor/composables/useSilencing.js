import { ref } from "vue";
import { SILENCES } from "../domain/silencing.js";

/** Takes a warning out of the headline for a while, and puts it back: asks how long and why, and tells what is so now. */
export function useSilencing({ host, api, feed }) {
	const { __ } = host;
	const running = ref(false);

	/** Acknowledge, snooze or mute: what is chosen says both how and for how long. */
	async function silence(warning) {
		const options = SILENCES.map(({ label }, place) => ({
			value: String(place),
			label: __(label),
		}));
		const words = await host.ask({
			title: __("Silence this warning"),
			message: `${warning.message} ${effectText()}`,
			yes: __("Silence"),
			fields: [
				{ name: "choice", label: __("How, and for how long?"), type: "select", options },
				{ name: "reason", label: __("Why? (kept in the audit log)"), type: "text" },
			],
		});
		if (!words) return;
		const { how, seconds } = SILENCES[Number(words.choice)];
		const request = { warning: warning.key, how, seconds, reason: words.reason };
		await perform(request, __("It is silenced, and stands below what needs you."));
	}

	/** Takes that back. */
	async function tellAgain(warning) {
		const words = await host.ask({
			title: __("Tell it again"),
			message: __("It counts again in the headline, and people are told of it: {0}", [
				warning.message,
			]),
			yes: __("Tell it again"),
			fields: [
				{
					name: "reason",
					label: __("Why? (optional, kept in the audit log)"),
					type: "text",
					optional: true,
				},
			],
		});
		if (!words) return;
		const request = { warning: warning.key, how: "unmute", reason: words.reason };
		await perform(request, __("It is told again."));
	}

	/** A site's manager silences for that site; the bench's operator for all of its pages. */
	function effectText() {
		const site = feed.snapshot.value?.site;
		const where = site
			? __("On the pages of {0} it leaves the headline, and nobody is told of it.", [site])
			: __("On all pages of this bench it leaves the headline, and nobody is told of it.");
		return `${where} ${__("It asks again when it gets worse.")}`;
	}

	async function perform(request, done) {
		if (running.value) return;
		running.value = true;
		try {
			await api.silenceWarning(request);
			host.notify(done, "green");
		} catch (error) {
			host.notify(error.message, "red");
		} finally {
			running.value = false;
			feed.refresh();
		}
	}

	return { silence, tellAgain, running };
}
