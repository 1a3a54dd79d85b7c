import { inject, provide } from "vue";

/**
 * A host is everything the page needs from the place it stands in. There are two:
 * the desk (host/desk.js) and the operator console (host/web.js).
 *
 * call(name, args)            a reading call; rejects with an Error that has a `type`
 * post(name, args)            a call that may change something
 * subscribe(listener)         listener("open" | "closed" | "changed"); returns unsubscribe
 * notify(text, color, offer)  a short message that goes away by itself; returns a function
 *                             that takes it away. `offer` puts a button on it:
 *                             {label, run, seconds}
 * confirm({title, message, yes, danger})  -> Promise<boolean>
 * ask({title, message, fields, yes, danger})  -> Promise<{name: value} | null>
 *                             a field is {name, label, type: "text" | "select", options}
 * __(text, params)            translates; {0} stands for the first parameter
 * route.get()                 -> {path: [...], query: {...}}
 * route.set(route, {replace})
 * route.href(route)           -> an address that shows that route
 * route.onChange(listener)    when somebody else changed it (Back, a link); returns off
 * copy(text)                  -> Promise
 * records                     whether there is a site with records of its own (incidents)
 * userUrl(user), docUrl(doctype, name), listUrl(doctype)
 *                             -> address, or null where there is none
 * newDoc(doctype, values, notes)  opens the form of a new document; null where there are none.
 *                             The form finds `notes` as `__NAME` on its document
 */
const HOST = Symbol("job-console host");

export function provideHost(host, app) {
	if (app) app.provide(HOST, host);
	else provide(HOST, host);
}

export function useHost() {
	return inject(HOST);
}

/** An error with a type, so that callers decide by type and never by text. */
export function hostError(type, message) {
	return Object.assign(new Error(message), { type });
}

/** Ends a request that never answers: a page that waits for ever looks alive and is not. */
export const CALL_TIMEOUT_MS = 20_000;

/** Mending looks at every job of the bench, twice, before it touches one. */
export const SLOW_CALLS = { mend: 90_000 };
