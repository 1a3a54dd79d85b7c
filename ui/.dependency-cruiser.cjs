// Who may import whom among the page's folders; `npm run lint` holds it. Each folder imports
// from those below it only.
const LAYERS = [
	"^(App\\.vue|views\\.js|web/|job_monitor\\.bundle\\.js)",
	"^views/",
	"^components/",
	"^composables/",
	"^services/",
	"^host/",
	"^domain/",
];
const ROOT = "^job_console/public/js/job_monitor/";
const within = (layers) => layers.map((layer) => ROOT + layer.slice(1));

const upwards = LAYERS.slice(1).map((layer, below) => ({
	name: `${layer.replace(/\W/g, "")}-imports-nothing-above-it`,
	severity: "error",
	from: { path: within([layer]) },
	to: { path: within(LAYERS.slice(0, below + 1)) },
}));

module.exports = {
	forbidden: [
		{ name: "no-circle", severity: "error", from: {}, to: { circular: true } },
		{
			name: "nothing-that-is-not-there",
			severity: "error",
			from: {},
			to: { couldNotResolve: true },
		},
		{
			name: "nothing-that-nobody-uses",
			severity: "error",
			from: { orphan: true, path: ROOT, pathNot: "\\.d\\.ts$" },
			to: {},
		},
		{
			name: "domain-and-services-are-framework-free",
			severity: "error",
			from: { path: within(["^domain/", "^services/"]) },
			to: { path: "node_modules" },
		},
		{
			name: "a-view-s-components-are-its-own",
			comment: "What several views show stands in shared/, warnings/ or jobs/.",
			severity: "error",
			from: { path: `${ROOT}components/([^/]+)/` },
			to: {
				path: `${ROOT}components/([^/]+)/`,
				pathNot: `${ROOT}components/($1|shared|warnings|jobs)/`,
			},
		},
		...upwards,
	],
	options: {
		doNotFollow: { path: "node_modules" },
		exclude: { path: "\\.css$" },
		// Types are imported in comments; they keep to the layers as well.
		detectJSDocImports: true,
		parser: "tsc",
		tsPreCompilationDeps: true,
		enhancedResolveOptions: { extensions: [".js", ".vue", ".d.ts"] },
	},
};
