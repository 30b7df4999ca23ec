package fakegitlab

// demoPeople are the demo company's users: username, name, job title, location.
var demoPeople = [][4]string{
	{"maintainer", "Morgan Maintainer", "Staff Engineer", "Lisbon"},
	{"developer", "Devi Developer", "Software Engineer", "Bengaluru"},
	{"reporter", "Robin Reporter", "Product Manager", "Oslo"},
	{"guest", "Gus Guest", "Contractor", ""},
	{"web-lead", "Wen Lead", "Frontend Lead", "Taipei"},
	{"api-lead", "Aoife Lead", "Backend Lead", "Dublin"},
	{"mobile-dev", "Mika O'Dev", "Mobile Engineer", "Helsinki"},
	{"data-dev", "Dário Dev", "Data Engineer", "São Paulo"},
	{"sre", "Sasha Ré", "Site Reliability Engineer", "Québec"},
}

var demoBranches = []string{
	"feature/express-checkout", "feature/wishlist", "feature/dark-mode", "feature/gift-cards", "feature/split-payments",
	"feature/search-suggestions", "fix/race-in-cart", "fix/oom-on-import", "fix/flaky-login-test", "fix/timezone-of-invoices",
	"fix/null-discount", "chore/drop-node-18", "chore/bump-go-1.26", "docs/contributing", "refactor/order-state", "perf/lazy-images",
	"renovate/next-16.x", "renovate/golang-1.x", "renovate/postgres-17.x", "renovate/lock-file-maintenance",
	"dependabot/npm/esbuild-0.25", "spike/edge-cache", "hotfix/2.13.4",
}

var demoTitles = []string{
	"feat(%s): keep the selection when the page reloads", "feat(%s): stream results instead of buffering them",
	"feat(%s): support Apple Pay & Google Pay", "fix(%s): do not lose the last row of a page", "fix(%s): escape <script> in product names",
	"fix(%s): retry once on 502", "fix(%s): close idle connections", "fix(%s): round half to even", "perf(%s): one query instead of n + 1",
	"perf(%s): cache the compiled template", "refactor(%s): move validation to the edge", "refactor(%s): delete dead feature flags",
	"test(%s): cover the empty state", "test(%s): make the clock injectable", "docs(%s): say what null means", "chore(%s): drop support for old browsers",
	"chore(deps): update dependency %s to v4", "ci(%s): split the slow suite in three", "revert(%s): \"stream results instead of buffering them\"",
	"fix(%s): naïve ISO-8601 parsing of “00:60” 🕐",
}

// demoFailures are failure reasons. A reason is repeated according to its frequency.
var demoFailures = []string{
	"script_failure", "script_failure", "script_failure", "script_failure", "script_failure", "script_failure", "script_failure",
	"runner_system_failure", "job_execution_timeout", "stuck_or_timeout_failure", "api_failure", "missing_dependency_failure",
	"runner_interrupted", "trace_size_exceeded", "environment_creation_failure", "data_integrity_failure", "no_updates_running",
}

// artifactKind is a named set of artifacts, without the log.
type artifactKind struct {
	name  string
	files []Artifact
}

func demoArtifacts() []artifactKind {
	return []artifactKind{
		{name: ""},
		{"archive", archived()},
		{"tests", archived(Artifact{FileType: "junit", Format: "gzip", Filename: "junit.xml.gz", Size: 18230})},
		{"coverage", archived(Artifact{FileType: "junit", Format: "gzip", Filename: "junit.xml.gz", Size: 9120},
			Artifact{FileType: "cobertura", Format: "gzip", Filename: "cobertura-coverage.xml.gz", Size: 44710})},
		{"codequality", []Artifact{{FileType: "codequality", Format: "raw", Filename: "gl-code-quality-report.json", Size: 3311}}},
		{"sast", []Artifact{{FileType: "sast", Format: "raw", Filename: "gl-sast-report.json", Size: 21877}}},
		{"secrets", []Artifact{{FileType: "secret_detection", Format: "raw", Filename: "gl-secret-detection-report.json", Size: 1204}}},
		{"dependencies", []Artifact{
			{FileType: "dependency_scanning", Format: "raw", Filename: "gl-dependency-scanning-report.json", Size: 80412},
			{FileType: "cyclonedx", Format: "gzip", Filename: "gl-sbom.cdx.json.gz", Size: 30551},
		}},
		{"container", []Artifact{{FileType: "container_scanning", Format: "raw", Filename: "gl-container-scanning-report.json", Size: 65020}}},
		{"accessibility", []Artifact{{FileType: "accessibility", Format: "raw", Filename: "gl-accessibility.json", Size: 7710}}},
		{"performance", []Artifact{{FileType: "browser_performance", Format: "raw", Filename: "browser-performance.json", Size: 4096}}},
		{"dotenv", []Artifact{{FileType: "dotenv", Format: "gzip", Filename: ".env.gz", Size: 93}}},
		{"metrics", []Artifact{{FileType: "metrics", Format: "gzip", Filename: "metrics.txt.gz", Size: 611}}},
		{"terraform", archived(Artifact{FileType: "terraform", Format: "raw", Filename: "tfplan.json", Size: 2801})},
		{"fuzz", []Artifact{{FileType: "coverage_fuzzing", Format: "raw", Filename: "gl-coverage-fuzzing-report.json", Size: -1}}},
	}
}

// archived returns an artifacts archive, its metadata, and more artifacts.
func archived(more ...Artifact) []Artifact {
	return append([]Artifact{
		{FileType: "archive", Format: "zip", Filename: "artifacts.zip", Size: 1482911},
		{FileType: "metadata", Format: "gzip", Filename: "metadata.gz", Size: 1186},
	}, more...)
}
