/** All failures by their cause, as far as they were gone through. */
export interface Failures {
	/** What stands among the failed jobs, of all sites. */
	failed: number;
	counted: number;
	withoutRecord: number;
	/** Every failed job is counted. */
	whole: boolean;
	/** How many groups there are. */
	total: number;
	page: number;
	groups: FailureCause[];
	canaries: Canary[];
}

export interface FailureCause {
	key: string;
	method: string;
	errorType: string;
	/** Where in the app's own code. */
	frame: string | null;
	/** With gaps where numbers and ids stood. */
	message: string;
	/** What one of them said. */
	example: string;
	count: number;
	first: Date | null;
	last: Date | null;
	/** How many failed in each of the last hours, oldest first. */
	trend: number[];
	users: { user: string; count: number }[];
	documents: { doctype: string; name: string }[];
	/** Of how many of the newest the users and documents are told. */
	sampled: number;
	queues: string[];
	sites: string[];
	/** Its retry, when there was one lately. */
	canary: Canary | null;
}

/** The retry of a group, one job first. */
export interface Canary {
	name: string;
	group: string;
	site: string | null;
	method: string;
	errorType: string;
	state: string;
	goesOn: boolean;
	by: string;
	reason: string;
	rate: number;
	stopAt: number;
	total: number;
	released: number;
	well: number;
	failed: number;
	gone: number;
	out: number;
	left: number;
	startedAt: Date | null;
	changedAt: Date | null;
	error: string | null;
}
