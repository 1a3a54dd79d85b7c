import type { WireTime } from "./common";
import type { WireSurveyed } from "./snapshot";
import type { WireWarning } from "./warnings";

/** What an action did to one job: `outcomes_json` of engine/wire/outcomes.py. */
export interface WireResult {
	job_id: string | null;
	ok: boolean;
	state_before: string;
	state_after: string;
	reason: string;
	new_job_id?: string | null;
}

/** `mended_json` of engine/wire/outcomes.py. */
export interface WireMended {
	dry_run: boolean;
	results: WireMendStep[];
	left: WireWarning[];
	surveyed: WireSurveyed;
}

export interface WireMendStep extends WireResult {
	code: string;
	queue: string | null;
	lock: string | null;
	action: string;
	label: string;
}

export interface WireAuditPage {
	total: number;
	entries: WireAuditEntry[];
}

export interface WireAuditEntry {
	actor: string;
	action: string;
	job_id: string;
	ok: boolean;
	state_before: string;
	state_after: string;
	reason: string;
	queue: string | null;
	site: string | null;
	/** The new job's id, or the target queue. */
	detail: string;
	/** Of the job, where it was done to one. */
	method: string;
	at: WireTime | null;
}
