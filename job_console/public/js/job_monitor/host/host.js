/** @import { Host, HostError } from "./types" */
import { inject, provide } from "vue";

// The host, given to all components: what it can do is in types.d.ts.
const HOST = Symbol("job-console host");

/**
 * @param {Host} host
 * @param {import("vue").App} [app] Left out: for the component that is being set up.
 */
export function provideHost(host, app) {
	if (app) app.provide(HOST, host);
	else provide(HOST, host);
}

/**
 * @returns {Host}
 */
export function useHost() {
	return /** @type {Host} */ (inject(HOST));
}

/**
 * An error with a type, so that callers decide by type and never by text.
 *
 * @param {string} type
 * @param {string} message
 * @returns {HostError}
 */
export function hostError(type, message) {
	return Object.assign(new Error(message), { type });
}

/** Ends a request that never answers: a page that waits for ever looks alive and is not. */
export const CALL_TIMEOUT_MS = 20_000;

/** How long a message stays on the screen, unless it offers something for longer. */
export const MESSAGE_S = 7;

/**
 * Mending looks at every job of the bench, twice, before it touches one.
 *
 * @type {Record<string, number>}
 */
export const SLOW_CALLS = { mend: 90_000 };
