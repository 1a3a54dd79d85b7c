/** @import { Fleet, FleetFailures, FoundJobs } from "../domain/types/fleet" */
/** @import { Host } from "../host/types" */
import { toFleet, toFleetFailures, toFoundJobs } from "./wire/fleet.js";

// The calls of a fleet's server. What is asked of one bench is asked under its own address, see api.js.

/** @param {Pick<Host, "call">} host */
export function createFleetApi(host) {
	return {
		/** @returns {Promise<Fleet>} */
		fleet: async () => toFleet(await host.call("fleet", {})),
		/**
		 * @param {string} jobId
		 * @returns {Promise<FoundJobs>}
		 */
		findJob: async (jobId) => toFoundJobs(await host.call("find_job", { job_id: jobId })),
		/**
		 * @param {{ order?: string }} how
		 * @returns {Promise<FleetFailures>}
		 */
		failures: async ({ order }) =>
			toFleetFailures(await host.call("fleet_failures", order ? { order } : {})),
	};
}
