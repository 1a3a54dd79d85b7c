/** @import { Look } from "./types/common" */
/** @import { Frame } from "./types/stack" */
import { __ } from "./translatable.js";

// What a look at a running job's process found, as a pill.
/** @type {Record<string, Look>} */
export const STACK_VERDICTS = {
	progressing: { text: __("Progressing"), color: "green", icon: "check" },
	working: { text: __("Working"), color: "green", icon: "play" },
	waiting: { text: __("Waiting"), color: "orange", icon: "clock" },
	spinning: { text: __("Spinning"), color: "red", icon: "retry" },
	blocked: { text: __("Blocked"), color: "red", icon: "lock" },
	stopped: { text: __("Stopped"), color: "red", icon: "stop" },
	gone: { text: __("Gone"), color: "red", icon: "ghost" },
	unknown: { text: __("Not known"), color: "gray", icon: "question" },
};

/**
 * The last folders of a path: enough to know a file by.
 *
 * @param {string} file
 * @returns {string}
 */
export function shortFile(file) {
	return file.split("/").slice(-3).join("/");
}

/**
 * `FILE in FUNCTION`, with as much of the path as people know a file by.
 *
 * @param {string} frame
 * @returns {string}
 */
export function shortFrame(frame) {
	const at = frame.lastIndexOf(" in ");
	return at < 0 ? shortFile(frame) : shortFile(frame.slice(0, at)) + frame.slice(at);
}

/**
 * Whether a frame is the line of the application that the verdict names.
 *
 * @param {Frame} frame
 * @param {Frame | null} place
 * @returns {boolean}
 */
export function isVerdictLine(frame, place) {
	return Boolean(
		place &&
			frame.file === place.file &&
			frame.line === place.line &&
			frame.function === place.function,
	);
}
