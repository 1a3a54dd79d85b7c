import { CALL_TIMEOUT_MS, hostError } from "./host.js";

/** @import { Translate } from "../domain/types/common" */

/**
 * One JSON request. `readError(status, body)` turns the host's own error body into
 * [type, message]; what never reached the host is "Unreachable".
 *
 * @param {Translate} __
 * @param {string} url
 * @param {RequestInit} options
 * @param {(status: number, body: any) => [string, string | null | undefined]} readError
 * @param {number} timeoutMs
 * @returns {Promise<any>}
 */
export async function requestJson(__, url, options, readError, timeoutMs = CALL_TIMEOUT_MS) {
	const abort = new AbortController();
	const timer = setTimeout(() => abort.abort(), timeoutMs);
	let response;
	let body = null;
	try {
		response = await fetch(url, { ...options, signal: abort.signal });
		body = await response.json().catch(() => null);
	} catch {
		const message = abort.signal.aborted
			? __("The server did not answer in time.")
			: __("The server cannot be reached.");
		throw hostError("Unreachable", message);
	} finally {
		clearTimeout(timer);
	}
	if (!response.ok || body === null) {
		const [type, message] = readError(response.status, body);
		throw hostError(type, message || `HTTP ${response.status}`);
	}
	return body;
}
