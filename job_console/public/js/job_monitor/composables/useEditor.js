import { ref } from "vue";
import { isEditor } from "../domain/traceback.js";

// In this browser only: editors and the places of files are each person's own.
const KEY = "job-console-editor";
const template = ref(readTemplate());

/** The editor in which the lines of a traceback are opened: the address that it listens to. */
export function useEditor(host) {
	const { __ } = host;

	async function choose() {
		const answer = await host.ask({
			title: __("Open files in your editor"),
			message: __(
				"The address that your editor listens to, with {file} and {line} in it: vscode://file{file}:{line}, cursor://file{file}:{line}, idea://open?file={file}&line={line}. Kept in this browser. Leave it empty for no links.",
			),
			yes: __("Save"),
			fields: [{ name: "editor", label: __("Address"), type: "text", optional: true }],
		});
		if (!answer) return;
		const wanted = (answer.editor || "").trim();
		if (wanted && !isEditor(wanted)) {
			host.notify(__("That is no address of an editor with {file} in it."), "orange");
			return;
		}
		template.value = wanted;
		try {
			localStorage.setItem(KEY, wanted);
		} catch {
			// A browser that keeps nothing knows it until the page is closed.
		}
	}

	return { template, choose };
}

function readTemplate() {
	try {
		return localStorage.getItem(KEY) || "";
	} catch {
		return "";
	}
}
