//go:build browser

package e2e

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jobgraph/e2e/harness"
	"jobgraph/internal/graphiql"
)

// ask evaluates an expression of the page, and waits where it is a promise.
func ask(t *testing.T, ctx context.Context, expression string) string {
	t.Helper()
	awaiting := func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, awaiting))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// visitPage opens a page of the dashboard afresh and waits for what it shows.
func visitPage(t *testing.T, ctx context.Context, address, until string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(address)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, address, until)
}

// axe-core finds no fault on any of the dashboard's pages: names, roles, contrast, light and dark.
//
//	npm ci --prefix examples/dashboard && go test -tags browser -run Dashboard ./e2e
func TestTheDashboardIsAccessible(t *testing.T) {
	axe, err := os.ReadFile("../examples/dashboard/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("needs npm ci --prefix examples/dashboard")
	}
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	for _, scheme := range []string{"light", "dark"} {
		for path, until := range map[string]string{
			"#/":                          `document.querySelector(".card") !== null`,
			"#/projects/1/pipelines":      `document.querySelector("a.line") !== null`,
			"#/projects/1/jobs":           `document.querySelector("a.line") !== null`,
			"#/projects/1/pipelines/3454": `document.querySelector(".stage a.line") !== null`,
			"#/projects/1/jobs/26549":     `document.querySelector(".log summary") !== null`,
			"#/projects/1/jobs/1":         `document.querySelector(".problem") !== null`,
		} {
			if err := chromedp.Do(ctx, preferring(scheme)); err != nil {
				t.Fatal(err)
			}
			visitPage(t, ctx, address+"/demo/"+path, until)
			faults := ask(t, ctx, string(axe)+`;axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.help + ": " +
				v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary).join(" | ")).join("\n"))`)
			if faults != "" {
				t.Errorf("%s %s: %s", scheme, path, faults)
			}
		}
	}
	if moves := ask(t, ctx, `(() => { const e = document.body.appendChild(document.createElement("i"));
		e.className = "pulse"; return getComputedStyle(e).animationName })()`); moves != "none" {
		t.Errorf("something moves for a reader who wants no motion: %s", moves)
	}
}

// Without a mouse: the token is entered, and stays out of the address and of what outlives the tab.
// An unknown token is reported.
func TestTheDashboardIsUsedByTheKeyboard(t *testing.T) {
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	visitPage(t, ctx, address+"/demo/", `document.querySelector(".card") !== null`)
	tabTo := func(what, is string) {
		for range 30 {
			if ask(t, ctx, `String(((e) => `+is+`)(document.activeElement))`) == "true" {
				return
			}
			if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.Tab)); err != nil {
				t.Fatal(err)
			}
		}
		t.Fatalf("Tab does not come to %s", what)
	}
	press := func(keys string) {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
	}
	tabTo("the way past the head", `e.className === "skip"`)
	tabTo("the token", `e.innerText === "Demo token"`)
	press(kb.Enter)
	await(t, ctx, "the dialog", `document.querySelector("dialog[open]") !== null`)
	tabTo("its field", `e.type === "password"`)
	press("glpat-unknown")
	press(kb.Enter)
	await(t, ctx, "that the token is not accepted",
		`(document.querySelector(".problem")?.innerText ?? "").includes("does not accept this token")`)
	for place, kept := range map[string]string{
		"the session": ask(t, ctx, `JSON.stringify(sessionStorage)`),
		"the address": ask(t, ctx, `location.href`),
		"the browser": ask(t, ctx, `JSON.stringify(localStorage)`),
	} {
		if strings.Contains(kept, "glpat-unknown") != (place == "the session") {
			t.Errorf("%s has %s", place, kept)
		}
	}
}

// The page shows that the gateway cannot be reached.
func TestTheDashboardTellsThatTheGatewayIsGone(t *testing.T) {
	g := harness.StartAlone(t)
	ctx := browse(t, g.Address)
	visitPage(t, ctx, g.Address+"/demo/", `document.querySelector(".card") !== null`)
	g.Stop()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](`location.hash = "#/projects/2/jobs"`)); err != nil {
		t.Fatal(err)
	}
	await(t, ctx, "that the gateway is gone",
		`(document.querySelector(".problem")?.innerText ?? "").includes("The gateway cannot be reached")`)
}

// Each example of the explorer is opened and played, and answers without an error.
func TestEveryExampleRunsInTheExplorer(t *testing.T) {
	examples, err := graphiql.Examples()
	if err != nil {
		t.Fatal(err)
	}
	address := harness.StartAlone(t).Address
	ctx := browse(t, address)
	visitPage(t, ctx, address+"/", `document.querySelectorAll(".examples button").length > 1`)
	for i, example := range examples {
		button := `document.querySelectorAll(".examples button")[` + strconv.Itoa(i) + `]`
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](button+`.click()`)); err != nil {
			t.Fatal(err)
		}
		await(t, ctx, example.Name, button+`.getAttribute("aria-current") === "true"`)
		const answer = `(document.querySelector(".result-window .CodeMirror").CodeMirror.getValue())`
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](
			`document.querySelector(".graphiql-execute-button").click()`)); err != nil {
			t.Fatal(err)
		}
		await(t, ctx, example.Name, answer+`.includes('"data"')`)
		if shown := ask(t, ctx, answer); strings.Contains(shown, `"errors"`) {
			t.Errorf("%s: %s", example.Name, shown)
		}
		// A subscription goes on until it is stopped.
		_ = ask(t, ctx, `String(document.querySelector('.graphiql-execute-button[aria-label^="Stop"]')?.click())`)
	}
}
