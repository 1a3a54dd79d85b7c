// Light or dark: what the reader chose here, else what their system says. The name sits on
// <html data-theme>, where the desk has it too.

const KEY = "job_console_theme";
const system = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

export function currentTheme() {
	return localStorage.getItem(KEY) || system();
}

export function applyTheme() {
	document.documentElement.dataset.theme = currentTheme();
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
		document.documentElement.dataset.theme = currentTheme();
	});
}

export function toggleTheme() {
	const theme = currentTheme() === "dark" ? "light" : "dark";
	// Back at what the system says, there is nothing to remember.
	if (theme === system()) localStorage.removeItem(KEY);
	else localStorage.setItem(KEY, theme);
	document.documentElement.dataset.theme = theme;
	return theme;
}
