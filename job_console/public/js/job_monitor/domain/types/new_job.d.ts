/** What may be made, and of one method what it takes and what its last job was given. */
export interface JobForm {
	methods: string[];
	/** Seconds that a job of each lane may run. */
	lanes: Record<string, number>;
	method: string;
	parameters: { name: string; required: boolean; default: string | null }[] | null;
	last: { job_id: string; arguments: Record<string, unknown> } | null;
	/** Why nobody knows what it takes. */
	problem: string | null;
}

/** `mistake` "": there is none. */
export interface ReadArguments {
	value: Record<string, unknown>;
	mistake: string;
}
