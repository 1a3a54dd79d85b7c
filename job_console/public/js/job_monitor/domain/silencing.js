// Warnings that can wait: what somebody can choose, and what is then said of them.

/** @import { Translate } from "./types/common" */
/** @import { Warning } from "./types/warning" */
import { dateMinute } from "./format.js";
import { __ } from "./translatable.js";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** @typedef {{ how: string, seconds: number, label: string }} Silence */

/**
 * What is offered, the mildest first. The engine's own limits are 7 days, none, and 30 days.
 *
 * @type {Silence[]}
 */
export const SILENCES = [
	{
		how: "acknowledge",
		seconds: 7 * DAY,
		label: __("Acknowledge: until it ends (7 d at most)"),
	},
	{ how: "snooze", seconds: HOUR, label: __("Snooze for 1 h") },
	{ how: "snooze", seconds: 4 * HOUR, label: __("Snooze for 4 h") },
	{ how: "snooze", seconds: DAY, label: __("Snooze for 1 d") },
	{ how: "snooze", seconds: 7 * DAY, label: __("Snooze for 7 d") },
	{ how: "mute", seconds: 7 * DAY, label: __("Mute for 7 d, also when it comes back") },
	{ how: "mute", seconds: 30 * DAY, label: __("Mute for 30 d, also when it comes back") },
];

/** What it is called in the audit trail. */
export const SILENCING_ACTIONS = ["acknowledge", "snooze", "mute", "unmute"];

/**
 * Those that ask for somebody, and those that somebody silenced.
 *
 * @param {Warning[]} warnings
 * @returns {{ asking: Warning[], silenced: Warning[] }}
 */
export function bySilence(warnings) {
	return {
		asking: warnings.filter((warning) => !warning.silenced),
		silenced: warnings.filter((warning) => warning.silenced),
	};
}

/** @type {Record<string, string>} */
const NOTES = {
	acknowledged: __("Acknowledged by {0}: quiet until it ends, or until {1}"),
	snoozed: __("Snoozed by {0} until {1}"),
	muted: __("Muted by {0} until {1}, also when it comes back"),
};

/**
 * Who silenced it, how, until when and why, in a sentence.
 *
 * @param {Translate} __
 * @param {Pick<Warning, "silenced" | "silencedBy" | "silencedUntil" | "silenceReason">} warning
 * @returns {string}
 */
export function silenceNote(__, warning) {
	const text = NOTES[warning.silenced ?? ""];
	if (!text) return "";
	const who = warning.silencedBy || __("somebody");
	const said = __(text, [who, dateMinute(warning.silencedUntil)]);
	return warning.silenceReason ? `${said}: “${warning.silenceReason}”` : `${said}.`;
}
