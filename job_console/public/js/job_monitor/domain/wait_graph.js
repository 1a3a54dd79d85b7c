// Who waits for whom, laid out to be drawn: whoever waits stands left of whom it waits for.

/** @import { Deadlock, Wait } from "./types/lock" */
/** @import { Point, WaitGraph } from "./types/view" */

export const NODE = { width: 190, height: 44 };
const GAP = { x: 110, y: 46 };
const MARGIN = 12;
/** More than this is a list, not a picture. */
export const MOST_NODES = 24;

/**
 * Null when there is nothing to draw, or too much.
 *
 * @param {Wait[]} waits
 * @param {Deadlock[]} deadlocks
 * @returns {WaitGraph | null}
 */
export function waitGraph(waits, deadlocks) {
	const names = [...new Set(waits.flatMap((wait) => [wait.waiter, wait.holder]))];
	if (!names.length || names.length > MOST_NODES) return null;
	const columns = inColumns(names, depths(names, waits));
	const places = new Map();
	columns.forEach((column, at) => column.forEach((name, row) => places.set(name, { at, row })));
	const rows = Math.max(...columns.map((column) => column.length));
	const nodes = names.map((name) => ({ name, ...point(places.get(name)) }));
	const dead = new Set(deadlocks.flatMap((each) => each.waits.map(keyOf)));
	const edges = unique(waits).map((wait) => ({
		from: wait.waiter,
		to: wait.holder,
		lock: wait.lock,
		dead: dead.has(keyOf(wait)),
		...line(point(places.get(wait.waiter)), point(places.get(wait.holder))),
	}));
	const lowest = Math.max(
		MARGIN + rows * (NODE.height + GAP.y) - GAP.y,
		...edges.map((edge) => edge.middle.y),
	);
	return {
		nodes,
		edges,
		width: 2 * MARGIN + columns.length * (NODE.width + GAP.x) - GAP.x,
		height: lowest + MARGIN,
	};
}

/**
 * How many steps somebody is from one who waits for nobody; a circle is cut where it is met first.
 *
 * @param {string[]} names
 * @param {Wait[]} waits
 * @returns {Map<string, number>}
 */
function depths(names, waits) {
	/** @type {Map<string, number>} */
	const depth = new Map();
	/** @type {(name: string, way: Set<string>) => number} */
	const visit = (name, way) => {
		const known = depth.get(name);
		if (known !== undefined) return known;
		const next = waits
			.filter((wait) => wait.waiter === name && !way.has(wait.holder))
			.map((wait) => 1 + visit(wait.holder, new Set([...way, name])));
		const found = Math.max(0, ...next);
		depth.set(name, found);
		return found;
	};
	for (const name of names) visit(name, new Set([name]));
	return depth;
}

/**
 * @param {string[]} names
 * @param {Map<string, number>} depth
 * @returns {string[][]}
 */
function inColumns(names, depth) {
	const deepest = Math.max(...depth.values());
	/** @type {string[][]} */
	const columns = Array.from({ length: deepest + 1 }, () => []);
	for (const name of names) columns[deepest - (depth.get(name) ?? 0)].push(name);
	return columns.filter((column) => column.length);
}

/**
 * @param {{ at: number, row: number }} place
 * @returns {Point}
 */
function point({ at, row }) {
	return {
		x: MARGIN + at * (NODE.width + GAP.x),
		y: MARGIN + row * (NODE.height + GAP.y),
	};
}

/**
 * From the waiter's right side to the holder's left; what leads back goes below.
 *
 * @param {Point} from
 * @param {Point} to
 * @returns {{ path: string, middle: Point }}
 */
function line(from, to) {
	const half = NODE.height / 2;
	if (to.x > from.x) {
		const [x1, y1, x2, y2] = [from.x + NODE.width, from.y + half, to.x, to.y + half];
		const bend = (x2 - x1) / 2;
		const path = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
		// Beside the waiter, where lines to the same holder have not met yet.
		return { path, middle: { x: x1 + (y1 === y2 ? bend : 44), y: y1 - 6 } };
	}
	const [x1, x2] = [from.x + NODE.width / 2, to.x + NODE.width / 2];
	const [y1, y2] = [from.y + NODE.height, to.y + NODE.height];
	// A curve goes three quarters of the way to its handles; its lock's name stands below it.
	const low = Math.max(y1, y2) + 36;
	const path = `M${x1} ${y1} C${x1} ${low} ${x2} ${low} ${x2} ${y2}`;
	return { path, middle: { x: (x1 + x2) / 2, y: (y1 + y2) / 8 + low * 0.75 + 13 } };
}

/**
 * @param {Pick<Wait, "waiter" | "holder" | "lock">} wait
 * @returns {string}
 */
function keyOf({ waiter, holder, lock }) {
	return [waiter, holder, lock].join("\n");
}

/**
 * @param {Wait[]} waits
 * @returns {Wait[]}
 */
function unique(waits) {
	return [...new Map(waits.map((wait) => [keyOf(wait), wait])).values()];
}
