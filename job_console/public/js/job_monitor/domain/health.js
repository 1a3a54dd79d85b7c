/** The sentence at the top of the page: is all well, and if not, how many things ask. */
export function verdictSentence(__, snapshot) {
	const waiting = snapshot.warnings.filter((w) => w.severity !== "info").length;
	if (waiting === 1) return __("1 thing needs you.");
	if (waiting > 1) return __("{0} things need you.", [waiting]);
	if (snapshot.health.verdict !== "ok" && snapshot.health.reasons.length) {
		return snapshot.health.reasons[0];
	}
	return __("All is well.");
}

export function verdictColor(snapshot) {
	return { ok: "green", warning: "orange", critical: "red" }[snapshot.health.verdict] || "gray";
}
