//go:build browser

package e2e

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"jobgraph/e2e/harness"
	"jobgraph/internal/fakegitlab"
)

// browse opens Chromium, which fails the test where a page asks another host for anything.
func browse(t *testing.T, address string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(func(event any) {
		e, ok := event.(*network.EventRequestWillBeSent)
		if ok && !strings.HasPrefix(e.Request.URL, address) && !strings.HasPrefix(e.Request.URL, "data:") {
			t.Errorf("a request left the host: %s", e.Request.URL)
		}
	}))
	t.Cleanup(cancel)
	return ctx
}

// A newcomer starts the gateway with nothing configured, opens the page, presses play on the first
// example, and sees jobs.
func TestANewcomerSeesJobs(t *testing.T) {
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	const play = ".graphiql-execute-button"
	if err := chromedp.Do(ctx,
		chromedp.Navigate(address+"/"), chromedp.WaitVisible(chromedp.CSS(play)), chromedp.Click(chromedp.CSS(play)),
		chromedp.Poll[chromedp.Void](`(document.querySelector(".result-window .CodeMirror-code")?.innerText ?? "").includes("username")`)); err != nil {
		t.Fatal(err)
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(".result-window .CodeMirror-code").innerText`))
	if err != nil {
		t.Fatal(err)
	}
	for _, expected := range []string{`"fullPath": "orchard/shop/web"`, `"nodes"`, `"status"`, `"username"`} {
		if !strings.Contains(shown, expected) {
			t.Errorf("the answer shows no %s:\n%s", expected, shown)
		}
	}
	if strings.Contains(shown, `"errors"`) {
		t.Errorf("the answer has errors:\n%s", shown)
	}
}

// patience is how long a page is waited for: some jobs of the demo take more than a minute.
const patience = 100 * time.Second

// await waits until a script answers true. A page that is loaded anew meanwhile is asked again.
func await(t *testing.T, ctx context.Context, what, script string) {
	t.Helper()
	err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingTimeout(patience)))
	for err != nil && strings.Contains(err.Error(), "Cannot find context") && ctx.Err() == nil {
		err = chromedp.Do(ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingTimeout(patience)))
	}
	if err != nil {
		shown, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? ""`))
		t.Fatalf("%s: %v\n%s", what, err, shown)
	}
}

// The dashboard shows a job that moves, and its log as it grows, from the demo as it starts.
func TestTheDashboardMoves(t *testing.T) {
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/demo/")); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "the projects", `document.querySelector("main").innerText.includes("orchard/shop/web")`)
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/demo/#/projects/1/pipelines")); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "a running pipeline", `document.querySelector("a.line .status.running") !== null`)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector("a.line:has(.status.running)").click()`)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "its stages", `document.querySelectorAll(".stage").length > 1`)
	const statuses = `[...document.querySelectorAll(".stage .status")].map((s) => s.className).join()`
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`window.before = `+statuses)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "a job that moves", statuses+` !== window.before`)
	await(t, ctx, "a running job", `document.querySelector(".stage a.line:has(.status.running)") !== null`)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`document.querySelector(".stage a.line:has(.status.running)").click()`)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "its log", `(document.querySelector(".log-body")?.innerText ?? "").includes("Running with gitlab-runner")`)
	await(t, ctx, "the end of its log", `document.querySelector(".log-head").innerText.includes("Complete")`)
}

// A refusal is shown in GitLab's own words, where the button was.
func TestTheDashboardTellsRefusals(t *testing.T) {
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	if err := chromedp.Do(ctx, chromedp.Navigate(address+"/demo/"),
		chromedp.Evaluate[chromedp.Void](`sessionStorage.setItem("token", "`+fakegitlab.TokenReporter+`")`),
		chromedp.Navigate(address+"/demo/?reporter#/projects/1/jobs/26549")); err != nil {
		t.Fatal(err)
	}
	const retry = `[...document.querySelectorAll(".actions button")].find((b) => b.innerText === "Retry")`
	await(t, ctx, "the button", retry+` !== undefined`)
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](retry+`.click()`)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "the refusal", `(document.querySelector(".refusal")?.innerText ?? "").includes("403 Forbidden")`)
}
