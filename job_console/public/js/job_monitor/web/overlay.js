import { ref, shallowRef } from "vue";

const MESSAGE_MS = 7000;

/** The messages and the one open question of the operator console. */
export function createOverlay() {
	const messages = ref([]);
	const question = shallowRef(null);
	let counter = 0;

	function notify(text, color = "blue") {
		counter += 1;
		const message = { id: counter, text, color };
		messages.value = [...messages.value, message];
		setTimeout(() => dismiss(message.id), MESSAGE_MS);
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

	return { messages, question, notify, dismiss, ask };
}
