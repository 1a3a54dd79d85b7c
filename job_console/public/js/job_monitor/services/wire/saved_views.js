// Saved views of Jobs.

/** @import { SavedView, SavedViews } from "../../domain/types/query" */
/** @import { WireSavedView } from "./types/query" */

/**
 * @param {{ views?: WireSavedView[], may_share?: boolean }} wire
 * @returns {SavedViews}
 */
export function toSavedViews(wire) {
	return { views: (wire.views || []).map(toSavedView), mayShare: Boolean(wire.may_share) };
}

/**
 * @param {WireSavedView} wire
 * @returns {SavedView}
 */
function toSavedView(wire) {
	return {
		id: wire.id,
		name: wire.name,
		query: wire.q,
		sort: wire.sort || null,
		owner: wire.owner,
		shared: Boolean(wire.shared),
		mayDelete: Boolean(wire.may_delete),
	};
}
