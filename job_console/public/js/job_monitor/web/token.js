import { ref } from "vue";

// The console's password. It comes in the address's fragment, which is never sent to a
// server nor logged, lives as long as the tab, and is taken out of the address at once.

const KEY = "job_console_token";

export function createToken(storage = sessionStorage, place = location) {
	const match = /(?:^#|&)token=([^&]+)/.exec(place.hash);
	if (match) {
		storage.setItem(KEY, decodeURIComponent(match[1]));
		history.replaceState(null, "", place.pathname + place.search);
	}
	// Something has asked for a token, or refused the one we have.
	const wanted = ref(false);
	return {
		wanted,
		get: () => storage.getItem(KEY),
		set(value) {
			storage.setItem(KEY, value);
			wanted.value = false;
		},
		refused() {
			storage.removeItem(KEY);
			wanted.value = true;
		},
	};
}
