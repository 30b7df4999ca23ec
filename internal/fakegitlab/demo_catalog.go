package fakegitlab

// demoProject is one project of the demo company, with the number and the jobs of its pipelines.
type demoProject struct {
	id        int64
	path      string
	spec      Project
	pipelines int // in the past
	scopes    []string
	named     bool // its pipelines have names (workflow:name)
	jobs      []demoJob
	downstream
}

// downstream describes the pipelines that a project's own pipelines start.
type downstream struct {
	child   []demoJob // jobs of a child pipeline in the same project
	trigger string    // path of the project that pipelines on the default branch trigger
}

// demoJob is a job of a pipeline's definition.
type demoJob struct {
	stage, name string
	least, most int    // seconds
	on          string // Log.Tool
	leaves      string // key of demoArtifacts
	tags        []string
	when        When
	optional    bool // allow_failure
	risk        int  // relative probability of being the job that fails when its pipeline fails
	env         string
}

var (
	onDocker = []string{"docker", "linux"}
	onK8s    = []string{"kubernetes", "linux"}
	onMac    = []string{"macos-14", "xcode"}
)

// demoCatalog returns the projects. The README documents their order and IDs.
func demoCatalog() []demoProject {
	return []demoProject{
		{id: 1, path: "orchard/shop/web", named: true, pipelines: 520, scopes: []string{"checkout", "cart", "search", "a11y"}, jobs: webJobs(),
			downstream: downstream{child: e2eJobs(), trigger: "orchard/platform/deployments"},
			spec: Project{Name: "Web", Description: "The storefront: Next.js, rendered at the edge", Visibility: Internal,
				OldPaths: []string{"orchard/storefront"}, ProtectedRefs: map[string]Role{"main": Developer, "v*": Maintainer}}},
		{id: 2, path: "orchard/shop/api", pipelines: 480, scopes: []string{"orders", "payments", "auth", "inventory"}, jobs: apiJobs(),
			downstream: downstream{trigger: "orchard/platform/deployments"},
			spec:       Project{Name: "API", Description: "Orders, payments and inventory over gRPC and REST", Visibility: Internal}},
		{id: 3, path: "orchard/mobile/app", pipelines: 240, scopes: []string{"ios", "android", "push"}, jobs: mobileJobs(),
			spec: Project{Name: "App", Description: "The iOS and Android app", VariablesRole: Maintainer}},
		{id: 4, path: "orchard/design/design-system", pipelines: 280, scopes: []string{"button", "tokens", "table", "dialog"}, jobs: designJobs(),
			spec: Project{Name: "Design System", Description: "Components & tokens, <open source>", Visibility: Public}},
		{id: 5, path: "orchard/data/pipeline", pipelines: 300, scopes: []string{"dbt", "ingest", "forecast"}, jobs: dataJobs(),
			spec: Project{Name: "Pipeline", Description: "Ingestion, dbt models and the demand forecast"}},
		{id: 6, path: "orchard/search/engine", pipelines: 260, scopes: []string{"index", "ranking", "tokenizer"}, jobs: searchJobs(),
			downstream: downstream{child: benchJobs()},
			spec:       Project{Name: "Engine", Description: "Product search, in Rust", DefaultBranch: "trunk"}},
		{id: 7, path: "orchard/platform/deployments", scopes: []string{"deploy"}, jobs: deployJobs(),
			downstream: downstream{trigger: "orchard/platform/infrastructure"},
			spec: Project{Name: "Deployments", Description: "Environments of every service", JobTokenGrants: []JobTokenGrant{
				{Project: "orchard/shop/web"}, {Project: "orchard/shop/api", Policies: []string{"read_jobs"}}}}},
		{id: 8, path: "orchard/platform/infrastructure", pipelines: 110, scopes: []string{"network", "gke", "dns"}, jobs: infraJobs(),
			spec: Project{Name: "Infrastructure", Description: "Terraform for all environments", MembersOnly: true,
				ProtectedRefs: map[string]Role{"main": Maintainer}}},
	}
}

func webJobs() []demoJob {
	return []demoJob{
		{stage: "prepare", name: "install", least: 25, most: 80, on: "npm", leaves: "archive", tags: onDocker, risk: 4},
		{stage: "lint", name: "eslint", least: 20, most: 60, on: "npm", leaves: "codequality", tags: onDocker, risk: 14},
		{stage: "lint", name: "typecheck", least: 25, most: 70, on: "npm", tags: onDocker, risk: 12},
		{stage: "lint", name: "stylelint", least: 8, most: 20, on: "npm", tags: onDocker, optional: true, risk: 2},
		{stage: "test", name: "unit 1/3", least: 60, most: 180, on: "npm", leaves: "tests", tags: onDocker, risk: 14},
		{stage: "test", name: "unit 2/3", least: 60, most: 180, on: "npm", leaves: "tests", tags: onDocker, risk: 14},
		{stage: "test", name: "unit 3/3", least: 60, most: 180, on: "npm", leaves: "tests", tags: onDocker, risk: 14},
		{stage: "test", name: "axe", least: 30, most: 70, on: "npm", leaves: "accessibility", tags: onDocker, optional: true, risk: 6},
		{stage: "security", name: "semgrep-sast", least: 40, most: 120, on: "docker", leaves: "sast", tags: onDocker, optional: true},
		{stage: "security", name: "secret_detection", least: 15, most: 40, on: "docker", leaves: "secrets", tags: onDocker, optional: true},
		{stage: "build", name: "build", least: 120, most: 300, on: "npm", leaves: "archive", tags: onDocker, risk: 10},
		{stage: "build", name: "image", least: 80, most: 200, on: "kaniko", leaves: "dotenv", tags: onK8s, risk: 6},
		{stage: "review", name: "review", least: 40, most: 90, on: "helm", tags: onK8s, when: WhenManual, optional: true, env: "development"},
		{stage: "deploy", name: "lighthouse", least: 60, most: 100, on: "npm", leaves: "performance", tags: onDocker, optional: true, risk: 3},
	}
}

func e2eJobs() []demoJob {
	return []demoJob{
		{stage: "e2e", name: "playwright: [chromium]", least: 180, most: 420, on: "npm", leaves: "tests", tags: onDocker, risk: 40},
		{stage: "e2e", name: "playwright: [firefox]", least: 180, most: 420, on: "npm", leaves: "tests", tags: onDocker, risk: 30},
		{stage: "e2e", name: "playwright: [webkit]", least: 200, most: 460, on: "npm", leaves: "tests", tags: onDocker, risk: 30},
		{stage: "report", name: "merge-reports", least: 15, most: 30, on: "npm", leaves: "archive", tags: onDocker},
	}
}

func apiJobs() []demoJob {
	return []demoJob{
		{stage: "lint", name: "golangci-lint", least: 40, most: 110, on: "go", leaves: "codequality", tags: onDocker, risk: 20},
		{stage: "lint", name: "buf", least: 8, most: 20, on: "go", tags: onDocker, risk: 4},
		{stage: "test", name: "test", least: 90, most: 240, on: "go", leaves: "coverage", tags: onDocker, risk: 34},
		{stage: "test", name: "test:race", least: 150, most: 400, on: "go", leaves: "tests", tags: onDocker, risk: 16},
		{stage: "test", name: "integration: [postgres-16]", least: 120, most: 260, on: "go", leaves: "tests", tags: onK8s, risk: 10},
		{stage: "test", name: "integration: [postgres-17]", least: 120, most: 260, on: "go", leaves: "tests", tags: onK8s, risk: 10},
		{stage: "security", name: "gemnasium-dependency_scanning", least: 30, most: 70, on: "docker", leaves: "dependencies", tags: onDocker, optional: true},
		{stage: "security", name: "container_scanning", least: 40, most: 80, on: "docker", leaves: "container", tags: onDocker, optional: true},
		{stage: "build", name: "image: [amd64]", least: 60, most: 140, on: "kaniko", leaves: "dotenv", tags: onK8s, risk: 3},
		{stage: "build", name: "image: [arm64]", least: 90, most: 260, on: "kaniko", leaves: "dotenv", tags: onK8s, risk: 3},
		{stage: "deploy", name: "migrate", least: 10, most: 40, on: "helm", tags: onK8s, when: WhenManual, optional: true, env: "staging"},
	}
}

func mobileJobs() []demoJob {
	return []demoJob{
		{stage: "lint", name: "swiftlint", least: 15, most: 40, on: "xcode", tags: onMac, risk: 12},
		{stage: "lint", name: "ktlint", least: 20, most: 50, on: "gradle", tags: onDocker, risk: 12},
		{stage: "test", name: "ios:unit", least: 240, most: 600, on: "xcode", leaves: "tests", tags: onMac, risk: 30},
		{stage: "test", name: "android:unit", least: 180, most: 420, on: "gradle", leaves: "tests", tags: onDocker, risk: 26},
		{stage: "build", name: "ios:archive", least: 400, most: 900, on: "xcode", leaves: "archive", tags: onMac, risk: 12},
		{stage: "build", name: "android:bundle", least: 260, most: 600, on: "gradle", leaves: "archive", tags: onDocker, risk: 8},
		{stage: "distribute", name: "testflight", least: 60, most: 180, on: "xcode", tags: onMac, when: WhenManual, optional: true, env: "testing"},
		{stage: "distribute", name: "play-store:internal", least: 40, most: 120, on: "gradle", tags: onDocker, when: WhenManual, optional: true, env: "testing"},
	}
}

func designJobs() []demoJob {
	return []demoJob{
		{stage: "test", name: "vitest", least: 30, most: 90, on: "npm", leaves: "coverage", tags: onDocker, risk: 40},
		{stage: "test", name: "chromatic", least: 60, most: 240, on: "npm", tags: onDocker, optional: true, risk: 10},
		{stage: "build", name: "storybook", least: 60, most: 160, on: "npm", leaves: "archive", tags: onDocker, risk: 20},
		{stage: "deploy", name: "pages", least: 10, most: 30, on: "docker", leaves: "archive", tags: onDocker, risk: 4, env: "production"},
		{stage: "release", name: "npm:publish", least: 10, most: 30, on: "npm", tags: onDocker, when: WhenManual, optional: true},
	}
}

func dataJobs() []demoJob {
	return []demoJob{
		{stage: "check", name: "ruff", least: 5, most: 15, on: "python", tags: onDocker, risk: 10},
		{stage: "check", name: "sqlfluff", least: 15, most: 50, on: "python", tags: onDocker, optional: true, risk: 8},
		{stage: "test", name: "pytest", least: 60, most: 200, on: "python", leaves: "coverage", tags: onK8s, risk: 26},
		{stage: "build", name: "dbt:compile", least: 20, most: 60, on: "python", leaves: "archive", tags: onK8s, risk: 12},
		{stage: "run", name: "dbt:run", least: 300, most: 1500, on: "python", leaves: "metrics", tags: onK8s, risk: 20, env: "production"},
		{stage: "run", name: "dbt:test", least: 60, most: 300, on: "python", leaves: "tests", tags: onK8s, risk: 18},
		{stage: "train", name: "forecast:train", least: 900, most: 3600, on: "python", leaves: "archive", tags: []string{"gpu", "kubernetes"}, optional: true, risk: 6},
	}
}

func searchJobs() []demoJob {
	return []demoJob{
		{stage: "check", name: "rustfmt", least: 5, most: 15, on: "cargo", tags: onDocker, risk: 10},
		{stage: "check", name: "clippy", least: 60, most: 160, on: "cargo", leaves: "codequality", tags: onDocker, risk: 24},
		{stage: "test", name: "cargo test", least: 120, most: 400, on: "cargo", leaves: "coverage", tags: onDocker, risk: 30},
		{stage: "test", name: "fuzz", least: 120, most: 320, on: "cargo", leaves: "fuzz", tags: onDocker, optional: true, risk: 6},
		{stage: "build", name: "release: [x86_64-unknown-linux-musl]", least: 180, most: 420, on: "cargo", leaves: "archive", tags: onDocker, risk: 5},
		{stage: "build", name: "release: [aarch64-apple-darwin]", least: 180, most: 420, on: "cargo", leaves: "archive", tags: onMac, risk: 5},
		{stage: "deploy", name: "reindex", least: 600, most: 2400, on: "helm", tags: onK8s, when: WhenDelayed, optional: true, env: "production"},
	}
}

func benchJobs() []demoJob {
	return []demoJob{
		{stage: "bench", name: "criterion: [index]", least: 200, most: 500, on: "cargo", leaves: "archive", tags: onDocker, risk: 40},
		{stage: "bench", name: "criterion: [query]", least: 200, most: 500, on: "cargo", leaves: "archive", tags: onDocker, risk: 40},
	}
}

func deployJobs() []demoJob {
	return []demoJob{
		{stage: "plan", name: "helm:diff", least: 10, most: 30, on: "helm", tags: onK8s, risk: 10},
		{stage: "staging", name: "deploy:staging", least: 40, most: 160, on: "helm", tags: onK8s, risk: 40, env: "staging"},
		{stage: "verify", name: "smoke", least: 20, most: 60, on: "docker", leaves: "tests", tags: onDocker, risk: 40},
		{stage: "production", name: "deploy:canary", least: 40, most: 120, on: "helm", tags: onK8s, when: WhenManual, optional: true, env: "production"},
		{stage: "production", name: "deploy:production", least: 60, most: 240, on: "helm", tags: onK8s, when: WhenManual, optional: true, env: "production"},
	}
}

func infraJobs() []demoJob {
	return []demoJob{
		{stage: "validate", name: "terraform:validate", least: 10, most: 30, on: "terraform", tags: onDocker, risk: 20},
		{stage: "validate", name: "tflint", least: 10, most: 25, on: "terraform", tags: onDocker, optional: true, risk: 10},
		{stage: "plan", name: "terraform:plan", least: 30, most: 120, on: "terraform", leaves: "terraform", tags: onDocker, risk: 50},
		{stage: "apply", name: "terraform:apply", least: 60, most: 600, on: "terraform", tags: onDocker, when: WhenManual, env: "production"},
	}
}
