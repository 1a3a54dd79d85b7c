// What the server says of the page in its head: where it stands (alone, or in a fleet), and its languages.

/**
 * `fleet`: "overview", or "bench" for the page of one, whose name is `bench`; null where there is no fleet. `languages`:
 * the name of each by its tag; `words`: the address of those of the page's own language, null where that is English.
 */
export function readPlace(head = document.head) {
	const said = (name) =>
		head.querySelector(`meta[name="job-console-${name}"]`)?.getAttribute("content") || null;
	const languages = JSON.parse(said("languages") || "{}");
	return { fleet: said("fleet"), bench: said("bench"), languages, words: said("words") };
}
