/** One site's. */
export interface Schedule {
	site: string;
	/** Nothing switches it off. */
	running: boolean;
	/** Whether its process was found on `host`; null: nobody knows. */
	process: boolean | null;
	host: string | null;
	reason: string | null;
	zone: string;
	ageS: number | null;
	entries: ScheduleEntry[];
}

export interface ScheduleEntry {
	site: string;
	/** The site's, by whose clock it runs. */
	zone: string;
	record: string;
	method: string;
	cron: string;
	words: string;
	problem: string | null;
	declared: string | null;
	declaredWords: string | null;
	pace: Pace | null;
	lane: string;
	jobId: string;
	jobStatus: string | null;
	/** Nothing runs that job, or ever will. */
	jobLost: boolean;
	stopped: boolean;
	owed: number;
	lastAt: Date | null;
	next: Occasion[];
	usualS: number | null;
	longestS: number | null;
	runs: { at: Date | null; runS: number | null; outcome: string }[];
	succeeded: number;
	policy: { name: string; catch_up: string | null; overlap: string | null } | null;
}

/** How often it is due and how often it runs a day, where the scheduler ticks too seldom. */
export interface Pace {
	due: number;
	runs: number;
	tickS: number;
}

export interface Occasion {
	startsAt: Date | null;
	/** What a clock of the site's zone shows then: "2026-11-23T17:38". */
	shown: string;
	oddity: string | null;
}

export interface CronPreview {
	cron: string;
	words: string | null;
	mistake: Mistake | null;
	next: Occasion[];
	pace: Pace | null;
}

/** What is wrong with the characters from `start` to `end`. */
export interface Mistake {
	message: string;
	start: number;
	end: number;
}

/** The next 24 hours: entries are numbered, and null for other sites'. */
export interface Day {
	start: Date | null;
	end: Date | null;
	entries: ({ record: string; site: string } | null)[];
	lanes: DayLane[];
	rushes: Rush[];
	/** Numbers of entries that are due again before they have ended. */
	overlaps: Set<number>;
	runs: number;
	unknown: number;
	cut: boolean;
}

export interface DayLane {
	name: string;
	label: string;
	unserved: number;
	workers: { name: string; blocks: Block[] }[];
}

/** One run of a worker, or several short ones. */
export interface Block {
	startsAt: Date | null;
	endsAt: Date | null;
	busyS: number;
	waitsS: number;
	entries: number[];
	runs: number;
}

/** Where too many runs come together. */
export interface Rush {
	lane: string;
	at: Date | null;
	lastStart: Date | null;
	entries: number[];
	elsewhere: number;
	text: string;
}

export interface QuieterMinutes {
	text: string;
	moves: Move[];
}

/** Another cron expression for a schedule. */
export interface Move {
	record: string;
	method: string;
	before: string;
	after: string;
	wordsBefore: string;
	wordsAfter: string;
}
