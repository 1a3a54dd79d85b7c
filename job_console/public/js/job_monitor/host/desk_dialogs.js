// Frappe's own dialogs, as promises: closing one in any way is an answer too.

export const deskDialogs = { confirm, ask };

async function confirm(question) {
	return (await ask({ ...question, fields: [] })) !== null;
}

function ask({ title, message, fields, yes, danger }) {
	const escape = frappe.utils.escape_html;
	return new Promise((resolve) => {
		let answer = null;
		const dialog = new frappe.ui.Dialog({
			title: escape(title),
			fields: [
				...(message ? [{ fieldtype: "HTML", options: `<p>${escape(message)}</p>` }] : []),
				...fields.map(toField),
			],
			primary_action_label: yes,
			primary_action(values) {
				answer = values || {};
				dialog.hide();
			},
			secondary_action_label: window.__("Keep as it is"),
			secondary_action: () => dialog.hide(),
		});
		dialog.onhide = () => resolve(answer);
		if (danger) dialog.get_primary_btn().removeClass("btn-primary").addClass("btn-danger");
		dialog.show();
	});
}

function toField({ name, label, type, options }) {
	const field = { fieldname: name, label, reqd: 1 };
	return type === "select"
		? { ...field, fieldtype: "Select", options, default: options[0]?.value }
		: { ...field, fieldtype: "Data" };
}
