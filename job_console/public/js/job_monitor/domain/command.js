// The same thing on the command line, for a ticket, a chat or a terminal.
const FOR_STATUS = { failed: "retry", stopped: "retry", started: "stop" };

export function commandFor(job) {
	return `job-console ${FOR_STATUS[job.status] || "show"} ${shellQuote(job.id)}`;
}

function shellQuote(text) {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
