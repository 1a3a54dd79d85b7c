import { afterEach, expect, it, vi } from "vitest";
import { mount } from "@vue/test-utils";
import WebFrame from "@/web/WebFrame.vue";
import { loadWords, localeOf } from "@/web/language.js";
import { provideHost } from "@/host/host.js";
import { createWebHost } from "@/host/web.js";
import { createOverlay } from "@/web/overlay.js";
import { readPlace } from "@/web/place.js";

const languages = { en: "English", de: "Deutsch" };

afterEach(() => {
	vi.unstubAllGlobals();
	document.documentElement.lang = "";
	document.cookie = "job_console_language=; path=/; max-age=0";
});

it("reads what the server says of languages", () => {
	const head = document.createElement("head");
	head.innerHTML = `<meta name="job-console-words" content="words/de.json?1">`;
	const meta = document.createElement("meta");
	meta.name = "job-console-languages";
	meta.content = JSON.stringify(languages);
	head.append(meta);
	expect(readPlace(head)).toMatchObject({ languages, words: "words/de.json?1", bench: null });
	expect(readPlace(document.createElement("head")).languages).toEqual({});
});

it("is English while the words do not come", async () => {
	expect(await loadWords(null)).toEqual({});
	vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("failed")));
	expect(await loadWords("words/de.json?1")).toEqual({});
	vi.stubGlobal(
		"fetch",
		vi.fn(async () => ({ ok: false })),
	);
	expect(await loadWords("words/de.json?1")).toEqual({});
});

it("writes dates as the browser does where that is of the language", () => {
	expect(localeOf("en", "en-GB")).toBe("en-GB");
	expect(localeOf("de", "en-GB")).toBe("de");
	expect(localeOf("pt-BR", "pt-PT")).toBe("pt-PT");
});

it.each([
	[null, "/"],
	["acme", "/ops/"],
])("remembers the choice for the whole console (%s)", async (bench, path) => {
	const base = bench ? "/ops/b/acme/" : "/";
	history.replaceState(null, "", `${base}lanes`);
	document.documentElement.lang = "en";
	const reload = vi.fn();
	vi.stubGlobal("location", {
		href: location.href,
		pathname: location.pathname,
		search: "",
		protocol: "http:",
		reload,
	});
	const set = vi.spyOn(document, "cookie", "set");
	const overlay = createOverlay();
	const host = createWebHost({ overlay, base, bench });
	const wrapper = mount(WebFrame, {
		props: { overlay, place: { fleet: bench && "bench", bench, languages } },
		global: { plugins: [{ install: (app) => provideHost(host, app) }], stubs: { App: true } },
	});
	const choice = wrapper.get(".jc-bar-language select");
	expect(choice.attributes("aria-label")).toBe("Language");
	expect(choice.element.value).toBe("en");
	await choice.setValue("de");
	expect(set.mock.calls[0][0]).toContain(`job_console_language=de; path=${path};`);
	expect(reload).toHaveBeenCalled();
	wrapper.unmount();
	history.replaceState(null, "", "/");
});
