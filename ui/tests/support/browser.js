// What the page's libraries expect of a browser, and jsdom has not.
globalThis.matchMedia ??= () => ({
	matches: false,
	addEventListener() {},
	removeEventListener() {},
});
