import type { Translate } from "../domain/types/common";
import type { Route } from "../domain/types/view";

/**
 * A host is everything the page needs from the place it stands in. There are two:
 * the desk (desk.js) and the operator console (web.js).
 */
export interface Host {
	name: string;
	/** Who looks, where the host knows it. */
	user: string | null;
	/** Of many benches, the one that the page is of: named wherever somebody is asked before something is done. */
	bench: string | null;
	/** A reading call; rejects with a HostError. */
	call(name: string, args?: object): Promise<any>;
	/** A call that may change something. */
	post(name: string, args?: object): Promise<any>;
	/** Returns unsubscribe. */
	subscribe(listener: HostListener): () => void;
	/** A short message that goes away by itself; returns a function that takes it away. */
	notify(text: string, color?: string, offer?: Offer | null): () => void;
	confirm(question: Question): Promise<boolean>;
	/** Null: it was closed without an answer. */
	ask(question: Question & { fields: Field[] }): Promise<Record<string, string> | null>;
	__: Translate;
	route: HostRoute;
	copy(text: string): Promise<void>;
	/** In the browser's tab: how many things ask, and the colour of the verdict. */
	showInTab(asking: number, color: string): void;
	/** Whether there is a site with records of its own (incidents). */
	records: boolean;
	/** Whether jobs can be made here, by the site's own code. */
	makesJobs: boolean;
	/** Addresses; null where there is none. */
	userUrl(user: string): string | null;
	docUrl(doctype: string, name: string): string | null;
	listUrl(doctype: string): string | null;
	/**
	 * Opens the form of a new document, which finds `notes` as `__NAME` on its document;
	 * null where there are no documents.
	 */
	newDoc:
		| ((doctype: string, values: object, notes?: Record<string, unknown>) => Promise<unknown>)
		| null;
}

export type HostEvent = "open" | "closed" | "changed";
/** `at`: how new a look must be that shows what changed, where that is known. */
export type HostListener = (event: HostEvent, at?: string) => void;

/** `type` is what callers decide by, never the text. */
export interface HostError extends Error {
	type: string;
}

/** A button on a message. */
export interface Offer {
	label: string;
	run: () => unknown;
	seconds?: number;
}

export interface Question {
	title: string;
	message?: string;
	/** What its button says. */
	yes: string;
	danger?: boolean;
	/** The operator console names it, where there are several. */
	bench?: string | null;
}

export interface Field {
	name: string;
	label: string;
	/** "line": a text of one line. */
	type: "text" | "line" | "select";
	options?: { value: string; label: string }[];
	/** It may stay empty. */
	optional?: boolean;
}

export interface HostRoute {
	get(): Route;
	set(route: Route, how?: { replace?: boolean }): void;
	/** An address that shows that route. */
	href(route: Route): string;
	/** When somebody else changed it (Back, a link); returns off. */
	onChange(listener: () => void): () => void;
}

/** What shows dialogs and messages in the operator console: web/overlay.js. */
export type Overlay = Pick<Host, "notify" | "ask">;
