// A profile of a running job: the stacks in which it was seen, merged to a tree and read from outside to inside.

/** @import { Profile, ProfileRow, ProfileStack } from "./types/stack" */

// What was seen for less than this share of the time is left out: a line that tells nothing.
const LEAST = 0.02;

/**
 * One row for each function, below the one that called it, with its share of the time. What all of it has in common
 * (the worker, Frappe's wrapper) is left out, but for the innermost.
 *
 * @param {Profile} profile
 * @returns {ProfileRow[]}
 */
export function profileRows({ stacks }) {
	const total = spent(stacks);
	if (!total) return [];
	const turned = stacks.map(({ seconds, frames }) => ({
		seconds,
		frames: [...frames].reverse(),
	}));
	const trunk = commonLength(turned);
	const below = turned.map(({ seconds, frames }) => ({ seconds, frames: frames.slice(trunk) }));
	return rowsOf(below, 0, total);
}

/**
 * Frames that all stacks begin with, but for the last of them.
 *
 * @param {ProfileStack[]} stacks outermost frame first
 * @returns {number}
 */
function commonLength(stacks) {
	const shortest = Math.min(...stacks.map(({ frames }) => frames.length));
	let length = 0;
	while (length < shortest && stacks.every((each) => isSame(each, stacks[0], length))) {
		length += 1;
	}
	return Math.max(length - 1, 0);
}

/**
 * @param {ProfileStack} one
 * @param {ProfileStack} other
 * @param {number} at
 * @returns {boolean}
 */
function isSame(one, other, at) {
	return keyOf(one.frames[at]) === keyOf(other.frames[at]);
}

/**
 * @param {ProfileStack["frames"][number]} frame
 * @returns {string}
 */
function keyOf({ file, function: name }) {
	return `${file} ${name}`;
}

/**
 * @param {ProfileStack[]} stacks
 * @param {number} depth
 * @param {number} total seconds
 * @returns {ProfileRow[]}
 */
function rowsOf(stacks, depth, total) {
	/** @type {Map<string, ProfileStack[]>} */
	const groups = new Map();
	for (const stack of stacks) {
		if (!stack.frames.length) continue;
		const key = keyOf(stack.frames[0]);
		groups.set(key, [...(groups.get(key) || []), stack]);
	}
	return [...groups.values()]
		.map((group) => ({ group, share: spent(group) / total }))
		.filter(({ share }) => share >= LEAST)
		.sort((a, b) => b.share - a.share)
		.flatMap(({ group, share }) => {
			// The line at which it was longest.
			const longest = group.reduce((a, b) => (b.seconds > a.seconds ? b : a));
			const inside = group.map(({ seconds, frames }) => ({
				seconds,
				frames: frames.slice(1),
			}));
			return [
				{ depth, share, frame: longest.frames[0] },
				...rowsOf(inside, depth + 1, total),
			];
		});
}

/**
 * @param {ProfileStack[]} stacks
 * @returns {number}
 */
function spent(stacks) {
	return stacks.reduce((sum, { seconds }) => sum + seconds, 0);
}
