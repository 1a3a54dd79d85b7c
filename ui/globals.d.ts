/** The desk's own, which Frappe puts on every page of it. */
declare const frappe: any;

interface Window {
	__(text: string, params?: unknown[]): string;
	format_number(value: number, format: string | null, decimals: number): string;
}
