package fakegitlab

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
)

// preamble returns what the runner prints before the script, by executor.
func preamble(j *job) []entry {
	m := RunnerManager{Version: "18.9.1", Revision: "7f9a1d2c", Executor: "docker", Platform: "linux"}
	if j.RunnerManager != nil {
		m = *j.RunnerManager
	}
	executor := cmp.Or(m.Executor, "docker")
	name := "runner"
	if j.Runner != nil {
		name = cmp.Or(j.Runner.Description, name)
	}
	p := []entry{
		runner(fmt.Sprintf("\x1b[0KRunning with gitlab-runner %s (%s)%s", m.Version, m.Revision, reset)),
		runner(fmt.Sprintf("\x1b[0K  on %s t1_%s, system ID: %s%s", name, fakeSHA(uint64(j.id))[:7], m.SystemID, reset)),
		{open: "prepare_executor", text: fmt.Sprintf("Preparing the %q executor", executor), weight: 1},
	}
	p = append(p, prepareExecutor(executor)...)
	p = append(p, entry{close: true}, entry{open: "prepare_script", text: "Preparing environment"},
		runner(fmt.Sprintf("Running on runner-t1-project-%d-concurrent-0 via %s...", j.pipeline.project.id, name)),
		entry{close: true}, entry{open: "get_sources", text: "Getting source from Git repository", weight: 1},
		script("\x1b[32;1mFetching changes with git depth set to 20..."+reset))
	if executor == "shell" {
		p = append(p, script("Reinitialized existing Git repository in /Users/ci/builds/t1/0/"+j.pipeline.project.path+"/.git/"))
	} else {
		p = append(p, script("Initialized empty Git repository in /builds/"+j.pipeline.project.path+"/.git/"))
	}
	p = append(p, script("\x1b[32;1mCreated fresh repository."+reset),
		script(fmt.Sprintf("\x1b[32;1mChecking out %s as detached HEAD (ref is %s)...%s", j.pipeline.Commit.SHA[:8], j.pipeline.Ref, reset)),
		script("\x1b[32;1mSkipping Git submodules setup"+reset), entry{close: true})
	if executor == "docker" {
		p = append(p, entry{open: "restore_cache", text: "Restoring cache", weight: 2}, script("\x1b[32;1mChecking cache for default-non_protected..."+reset),
			script("\x1b[0;33mWARNING: file does not exist                       \x1b[0;m "), entry{close: true})
	}
	return p
}

func prepareExecutor(executor string) []entry {
	switch executor {
	case "shell":
		return []entry{runner("Using Shell (bash) executor...")}
	case "kubernetes":
		return []entry{
			runner("\x1b[0KUsing Kubernetes namespace: ci-jobs" + reset),
			runner("\x1b[0KUsing Kubernetes executor with image registry.orchard.example/ci/base:2026.11 ..." + reset),
			runner("\x1b[0KUsing attach strategy to execute scripts..." + reset),
			runner("Waiting for pod ci-jobs/runner-t1-concurrent-0 to be running, status is Pending"),
			runner("\tContainersNotReady: \"containers with unready status: [build helper]\""),
			runner("Waiting for pod ci-jobs/runner-t1-concurrent-0 to be running, status is Pending"),
		}
	}
	return []entry{
		runner("\x1b[0KUsing Docker executor with image node:24-bookworm ..." + reset),
		runner("\x1b[0KUsing helper image:  registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper:x86_64-v18.9.1" + reset),
		runner("\x1b[0KPulling docker image node:24-bookworm ..." + reset),
		runner("\x1b[0KUsing docker image sha256:4f5c0d1e2b3a for node:24-bookworm with digest node@sha256:9b741b28148b" + reset),
	}
}

// toolScript returns what a job's own commands print.
func toolScript(tool string, r *rand.Rand) []entry {
	switch tool {
	case "npm":
		return npmScript(r)
	case "go":
		return goScript(r)
	case "cargo":
		return cargoScript(r)
	case "gradle":
		return gradleScript(r)
	case "xcode":
		return xcodeScript(r)
	case "python":
		return pythonScript(r)
	case "terraform":
		return terraformScript(r)
	case "helm", "kaniko":
		return containerScript(tool, r)
	}
	return shellScript(r)
}

// progress returns the entries of a progress line that is redrawn with carriage returns.
func progress(steps int, last string, draw func(step int) string) []entry {
	var line []entry
	for i := range steps {
		line = append(line, entry{text: draw(i) + "\r", weight: 1, stream: "01E", more: true})
	}
	return append(line, entry{text: last, weight: 1, stream: "01E"})
}

func npmScript(r *rand.Rand) []entry {
	s := []entry{command("npm ci --prefer-offline")}
	s = append(s, progress(18, "\x1b[0Kadded 1482 packages in 14s", func(i int) string {
		return fmt.Sprintf("\x1b[0K[%s%s] | reify:%s: timing reifyNode Completed in %dms", strings.Repeat("#", i), strings.Repeat(".", 18-i), "typescript", 40+i*31)
	})...)
	s = append(s, stderr("npm \x1b[33mwarn\x1b[39m deprecated glob@7.2.3: Glob versions prior to v9 are no longer supported"),
		script("found \x1b[32m\x1b[1m0\x1b[22m\x1b[39m vulnerabilities"), command("npm test -- --reporter=default"),
		entry{open: "vitest[collapsed=true]", text: "vitest"}) // a section of the script's own, inside the runner's
	for i := range 60 + r.IntN(120) {
		s = append(s, script(fmt.Sprintf(" \x1b[32m✓\x1b[39m src/%s/%s.test.tsx \x1b[2m(\x1b[22m\x1b[2m%d tests\x1b[22m\x1b[2m)\x1b[22m \x1b[33m%d\x1b[2mms\x1b[22m\x1b[39m",
			oneFrom(r, "cart", "checkout", "search", "ui", "lib"), oneFrom(r, "price", "useBasket", "Dialog", "format", "résumé", "Grid"), 1+r.IntN(40), 5+i*r.IntN(30))))
	}
	return append(s, entry{close: true}, script("\x1b[2m Test Files \x1b[22m \x1b[1m\x1b[32m184 passed\x1b[39m\x1b[22m\x1b[90m (184)\x1b[39m"))
}

func goScript(r *rand.Rand) []entry {
	s := []entry{command("go version"), script("go version go1.26.1 linux/amd64"), command("go test -race -coverprofile=cover.out ./...")}
	for range 25 {
		s = append(s, stderr(fmt.Sprintf("go: downloading %s v1.%d.%d", oneFrom(r, "golang.org/x/sync", "google.golang.org/grpc", "github.com/google/uuid"), r.IntN(80), r.IntN(9))))
	}
	for range 40 + r.IntN(60) {
		s = append(s, script(fmt.Sprintf("ok  \torchard.example/api/%s/%s\t%.3fs\tcoverage: %.1f%% of statements",
			oneFrom(r, "orders", "payments", "auth"), oneFrom(r, "store", "http", "rpc", "domain"), r.Float64()*9, 50+r.Float64()*50)))
	}
	return append(s, command("go tool cover -func=cover.out | tail -1"), script("total:\t(statements)\t84.3%"))
}

func cargoScript(r *rand.Rand) []entry {
	s := []entry{command("cargo test --workspace --locked"), stderr("\x1b[1m\x1b[32m    Updating\x1b[0m crates.io index")}
	total := 180
	for n := 0; n < total; n += 6 {
		s = append(s, progress(3, fmt.Sprintf("\x1b[K\x1b[1m\x1b[32m   Compiling\x1b[0m %s v1.0.%d", oneFrom(r, "serde", "tokio", "tantivy", "regex", "hyper"), r.IntN(200)), func(i int) string {
			done := n + 2*i
			return fmt.Sprintf("\x1b[1m\x1b[36m    Building\x1b[0m [%s>%s] %d/%d: tokio, regex-automata", strings.Repeat("=", done/8), strings.Repeat(" ", (total-done)/8), done, total)
		})...)
	}
	s = append(s, stderr("\x1b[1m\x1b[33mwarning\x1b[0m\x1b[1m: unused variable: `rank`\x1b[0m"), stderr("  \x1b[1m\x1b[34m--> \x1b[0mcrates/ranking/src/bm25.rs:88:13"))
	for range 50 + r.IntN(100) {
		s = append(s, script(fmt.Sprintf("test %s::%s ... \x1b[32mok\x1b[m", oneFrom(r, "index", "query", "tokenizer"), oneFrom(r, "merges_segments", "ranks_exact_first", "splits_compounds"))))
	}
	return append(s, script("test result: \x1b[32mok\x1b[m. 212 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out; finished in 8.42s"))
}

func gradleScript(r *rand.Rand) []entry {
	s := []entry{command("./gradlew --console=plain testDebugUnitTest"), script("Starting a Gradle Daemon (subsequent builds will be faster)")}
	for range 60 + r.IntN(60) {
		s = append(s, script(fmt.Sprintf("> Task :%s:%s %s", oneFrom(r, "app", "core", "feature-cart"), oneFrom(r, "compileDebugKotlin", "mergeDebugResources", "kspDebugKotlin"), oneFrom(r, "", "UP-TO-DATE", "FROM-CACHE"))))
	}
	// The compiler writes Latin-1, which is not valid UTF-8.
	return append(s, stderr("w: file:///builds/app/src/Caf\xe9.kt:12:5 Parameter 'r\xe9sum\xe9' is never used"), script("BUILD SUCCESSFUL in 2m 41s"))
}

func xcodeScript(r *rand.Rand) []entry {
	s := []entry{command("xcodebuild -scheme App -destination 'generic/platform=iOS' build | xcbeautify")}
	for range 40 + r.IntN(60) {
		s = append(s, script(fmt.Sprintf("\x1b[36mCompiling\x1b[0m %s.swift", oneFrom(r, "CartView", "CheckoutModel", "PushService", "AppDelegate"))))
	}
	// The command line of a linker can be very long.
	return append(s, script("clang "+strings.Repeat("-I/Users/ci/Library/Developer/Xcode/DerivedData/App/Build ", 180)+"-o App"), script("\x1b[32m\x1b[1mBuild Succeeded\x1b[0m"))
}

func pythonScript(r *rand.Rand) []entry {
	s := []entry{command("uv sync --frozen"), stderr("Resolved 214 packages in 0.8ms"), command("pytest -q --junitxml=junit.xml")}
	for i := range 20 {
		s = append(s, script(fmt.Sprintf("%s [%3d%%]", strings.Repeat(".", 60)+oneFrom(r, "....", "..s.", ".x.."), (i+1)*5)))
	}
	for i := range 30 + r.IntN(40) {
		s = append(s, script(fmt.Sprintf("%02d:%02d:%02d  %d of 70 OK created sql table model marts.%s ......... [\x1b[32mSELECT %d\x1b[0m in %.2fs]",
			2, i/2, r.IntN(60), i+1, oneFrom(r, "orders", "stock", "customers"), r.IntN(900000), r.Float64()*40)))
	}
	return append(s, script("1200 passed, 4 skipped, 2 xfailed in 71.30s (0:01:11)"))
}

func terraformScript(r *rand.Rand) []entry {
	s := []entry{command("terraform init -input=false"), script("\x1b[0m\x1b[1mInitializing the backend...\x1b[0m"), command("terraform plan -out=plan.cache")}
	for range 30 + r.IntN(40) {
		s = append(s, script(fmt.Sprintf("\x1b[0m\x1b[1m%s.main[%d]: Refreshing state... [id=%s]\x1b[0m", oneFrom(r, "google_compute_network", "google_dns_record_set", "google_container_cluster"), r.IntN(9), fakeSHA(r.Uint64())[:12])))
	}
	return append(s, script("\x1b[1mPlan:\x1b[0m 2 to add, 1 to change, 0 to destroy."), script("token = [MASKED]"))
}

func containerScript(tool string, r *rand.Rand) []entry {
	s := []entry{command(tool + " --version"), script(tool + " v3.19.0")}
	for i := range 30 + r.IntN(30) {
		s = append(s, stderr(fmt.Sprintf("\x1b[36mINFO\x1b[0m[%04d] %s", i, oneFrom(r, "Unpacking rootfs as cmd COPY requires it", "Taking snapshot of full filesystem...", "Pushed registry.orchard.example/shop/api", "Waiting for rollout to finish: 1 of 3 updated replicas are available..."))))
	}
	return s
}

func shellScript(r *rand.Rand) []entry {
	s := []entry{command("./ci/run.sh")}
	for i := range 15 + r.IntN(60) {
		s = append(s, script(fmt.Sprintf("[%02d] %s", i, oneFrom(r, "checking", "fetching", "scanning layer", "writing report", "uploading"))))
	}
	return append(s, stderr("\x1b[0;33mWARNING: deprecated flag --all\x1b[0;m"))
}

func oneFrom(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }
