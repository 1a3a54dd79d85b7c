// The reader's language: the server picks it (what was chosen here, else what the browser prefers) and says so in the
// page's `lang`; the choice is a cookie, since the server also writes the sentences of its answers in it.

const COOKIE = "job_console_language";
const YEAR_S = 365 * 24 * 3600;

export const currentLanguage = () => document.documentElement.lang || "en";

/** From an address that the page's head names; English while the server does not answer. */
export async function loadWords(address) {
	if (!address) return {};
	try {
		const answer = await fetch(address);
		return answer.ok ? await answer.json() : {};
	} catch {
		return {};
	}
}

/** `root`: the console's own, so that the pages of all benches of a fleet know it. */
export function chooseLanguage(tag, root) {
	const secure = location.protocol === "https:" ? "; secure" : "";
	document.cookie = `${COOKIE}=${tag}; path=${root}; max-age=${YEAR_S}; samesite=strict${secure}`;
	location.reload();
}

/** For dates and numbers: the browser's own habit where that is of this language (en-GB for en), else the language's. */
export function localeOf(tag, preferred = navigator.language) {
	return preferred?.split("-")[0] === tag.split("-")[0] ? preferred : tag;
}
