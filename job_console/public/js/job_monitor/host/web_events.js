// Server-sent events over fetch: EventSource cannot send the token as a header, and a
// token in an address ends up in logs.

const RECONNECT_MS = 5000;

export function listenToEvents(url, headers, listener) {
	const abort = new AbortController();
	let timer = null;

	async function connect() {
		try {
			const response = await fetch(url, { headers: headers(), signal: abort.signal });
			if (response.ok && response.body) {
				listener("open");
				await readLines(response.body, (line) => {
					if (/^event:\s*changed/.test(line)) listener("changed");
				});
			}
		} catch {
			// Not reachable, or the stream broke: the page polls meanwhile.
		}
		if (abort.signal.aborted) return;
		listener("closed");
		timer = setTimeout(connect, RECONNECT_MS);
	}

	connect();
	return () => {
		clearTimeout(timer);
		abort.abort();
	};
}

async function readLines(stream, onLine) {
	const reader = stream.getReader();
	const decoder = new TextDecoder();
	let rest = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		const lines = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
		rest = lines.pop();
		lines.forEach(onLine);
	}
}
