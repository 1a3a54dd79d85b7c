import type { WireFacts, WireTime } from "./common";

/** `warning_json` of engine/wire/warnings.py. */
export interface WireWarning {
	id: string;
	code: string;
	severity: "critical" | "warning" | "info";
	queue: string | null;
	job_id: string | null;
	worker: string | null;
	site: string | null;
	since: WireTime | null;
	evidence: WireFacts;
	message: string;
	remedies: WireRemedy[];
	silenced: "acknowledged" | "snoozed" | "muted" | null;
	acknowledged_by: string | null;
	acknowledged_at: WireTime | null;
	until: WireTime | null;
	silence_reason: string | null;
}

export interface WireRemedy {
	action: string;
	label: string;
	explain: string;
	safe: boolean;
}

/** `explanation_json` of engine/wire/explanations.py. */
export interface WireExplanation {
	job_id: string;
	label: string;
	queue: string;
	state: string;
	because: string[];
	details: WireCause[];
	position: number | null;
	expected_start_s: number | null;
	remedies: WireRemedy[];
}

export interface WireCause {
	text: string;
	brief: string;
	evidence: WireFacts;
	remedies: WireRemedy[];
	/** The job that the remedies are for. */
	job_id: string;
}

/** Fields of the doctype Job Incident; times in UTC. */
export interface WireIncident {
	name: string;
	status: string;
	severity: string;
	code: string;
	message: string;
	jobs: number;
	queue: string | null;
	method: string | null;
	job_id: string | null;
	worker: string | null;
	opened: WireTime | null;
	last_seen: WireTime | null;
	resolved: WireTime | null;
	how: string | null;
	/** What was changed shortly before. */
	after: string | null;
	acknowledged_by: string | null;
	acknowledged: WireTime | null;
}

/** engine/diagnosis/manual.py: Markdown. */
export interface WireManual {
	code: string;
	title: string;
	true: string;
	known: string;
	do: string;
}
