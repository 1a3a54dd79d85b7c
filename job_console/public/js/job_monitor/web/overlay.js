import { ref, shallowRef } from "vue";
import { MESSAGE_S } from "../host/host.js";

/** The messages and the one open question of the operator console. */
export function createOverlay() {
	const messages = ref([]);
	const question = shallowRef(null);
	let counter = 0;

	/** `offer` is a button on it: {label, run, seconds}. Returns what takes the message away. */
	function notify(text, color = "blue", offer = null) {
		counter += 1;
		const id = counter;
		messages.value = [...messages.value, { id, text, color, offer }];
		setTimeout(() => dismiss(id), (offer?.seconds ?? MESSAGE_S) * 1000);
		return () => dismiss(id);
	}

	function accept(message) {
		dismiss(message.id);
		message.offer.run();
	}

	function dismiss(id) {
		messages.value = messages.value.filter((m) => m.id !== id);
	}

	/** Resolves with the values, or with null when it was closed. */
	function ask(words) {
		question.value?.resolve(null);
		return new Promise((resolve) => {
			question.value = {
				...words,
				resolve(values) {
					question.value = null;
					resolve(values);
				},
			};
		});
	}

	return { messages, question, notify, accept, dismiss, ask };
}
