// Actions on all jobs of a query.

/** @import { Bulk } from "../../domain/types/query" */
/** @import { WireBulk } from "./types/query" */
import { toDate } from "./time.js";

/**
 * @param {WireBulk} wire
 * @returns {Bulk}
 */
export function toBulk(wire) {
	return {
		id: wire.id,
		action: wire.action,
		query: wire.q || "",
		by: wire.by,
		undoes: wire.undoes || null,
		state: wire.state,
		startedAt: toDate(wire.started_at),
		scanned: wire.scanned || 0,
		of: wire.of || 0,
		matched: wire.matched || 0,
		tried: wire.tried || 0,
		limit: wire.limit || 0,
		cut: Boolean(wire.cut),
		kinds: wire.kinds || [],
		undo: wire.undo || null,
		undoable: wire.undoable || 0,
		error: wire.error || "",
	};
}
