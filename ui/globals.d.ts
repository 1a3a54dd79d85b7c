/** The desk's own, which Frappe puts on every page of it. */
declare const frappe: any;

interface Window {
	__(text: string, params?: unknown[]): string;
}
