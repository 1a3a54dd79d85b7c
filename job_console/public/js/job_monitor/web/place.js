// Where the page stands, as the server says it in its head: alone, or in a fleet.

/** `fleet`: "overview", or "bench" for the page of one, whose name is `bench`; null where there is no fleet. */
export function readPlace(head = document.head) {
	const said = (name) =>
		head.querySelector(`meta[name="job-console-${name}"]`)?.getAttribute("content") || null;
	return { fleet: said("fleet"), bench: said("bench") };
}
