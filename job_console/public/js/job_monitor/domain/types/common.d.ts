/** Translates; `{0}` stands for the first parameter. */
export type Translate = (text: string, params?: unknown[]) => string;

/** How the reader writes: see domain/habit.js. What is left out is the browser's. */
export interface Habit {
	/** The language of dates and numbers. */
	locale?: string;
	zone?: string;
	/** "dd.mm.yyyy". */
	date?: string;
	number?: (value: number, digits: number) => string;
}

/** How a state looks: an icon of icons.js, a colour of Frappe's indicators, and a word. */
export interface Look {
	icon: string;
	color: string;
	text: string;
}

/** Facts of a warning or a cause: what they are depends on its code. */
export type Facts = Record<string, any>;

/** What is offered for a warning or a cause. */
export interface Remedy {
	action: string;
	label: string;
	explain: string;
	safe: boolean;
}
