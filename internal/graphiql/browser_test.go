//go:build browser

package graphiql_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jobgraph/internal/graphiql"
)

//go:embed testdata/introspection.json
var introspection []byte

// patience is for a loaded machine; each step waits for what it needs and takes far less.
const patience = 60 * time.Second

const (
	pressPlay = `.graphiql-execute-button`
	response  = `.result-window .CodeMirror-code`
)

var examples = []graphiql.Example{
	{Name: "A greeting", Description: "One field.", Query: "# A greeting\nquery Greeting { greeting }\n"},
	{Name: "Greetings as they come", Query: "# Live\nsubscription Greeted { greeted }\n"},
	{
		Name:    "As a job",
		Query:   "# As a job\nquery AsJob { greeting }\n",
		Headers: `{ "JOB-TOKEN": "job-token" }`,
	},
}

// stub answers introspection, and any other operation with the credentials that came with it.
func stub(w http.ResponseWriter, r *http.Request) {
	var operation struct {
		Query      string
		Extensions struct{ Plan, Upstream bool }
	}
	if err := json.NewDecoder(r.Body).Decode(&operation); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	extensions := "{}"
	if operation.Extensions.Plan && operation.Extensions.Upstream {
		extensions = `{"plan": "#1 GET a greeting", "upstream": {"calls": 17, "retries": 0, "milliseconds": 23}}`
	}
	data := fmt.Sprintf(`{"data": {"private": %q, "job": %q}, "extensions": %s}`,
		r.Header.Get("PRIVATE-TOKEN"), r.Header.Get("JOB-TOKEN"), extensions)
	switch {
	case strings.Contains(operation.Query, "__schema"):
		w.Header().Set("Content-Type", "application/json")
		w.Write(introspection)
	case r.Header.Get("Accept") == "text/event-stream":
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprintf(w, ":\n\nevent: next\ndata: {\"data\": {\"greeted\": \"first\"}}\n\n")
		fmt.Fprintf(w, "event: next\ndata: {\"data\": {\"greeted\": \"streamed\"}}\n\nevent: complete\n\n")
	default:
		w.Header().Set("Content-Type", "application/graphql-response+json")
		fmt.Fprint(w, data)
	}
}

// visit is one visitor with a fresh browser profile, and what the browser reported of the page.
type visit struct {
	context.Context
	mu       sync.Mutex
	requests []string
	faults   []string
}

// observe is called for each event of the browser.
func (v *visit) observe(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		v.requests = append(v.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		v.faults = append(v.faults, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		v.faults = append(v.faults, e.Entry.Text)
	}
}

// reproach fails the test if the page asked another host or broke its own policy.
func (v *visit) reproach(t *testing.T, own string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, request := range v.requests {
		if !strings.HasPrefix(request, own) && !strings.HasPrefix(request, "data:") {
			t.Errorf("a request left the host: %s", request)
		}
	}
	if len(v.requests) == 0 || len(v.faults) > 0 {
		t.Errorf("%d requests seen, faults: %q", len(v.requests), v.faults)
	}
}

func (v *visit) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(v, actions...); err != nil {
		t.Fatal(err)
	}
}

// text evaluates an expression of the page.
func (v *visit) text(t *testing.T, expression string) string {
	t.Helper()
	text, err := chromedp.Run(v, chromedp.Evaluate[string](expression))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// newVisit opens the page, and fails the test at its end if the page asked another host or broke
// its own policy.
func newVisit(t *testing.T) *visit {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /graphql", stub)
	mux.Handle("/", graphiql.Handler(graphiql.Options{
		Endpoint:   "/graphql",
		Examples:   examples,
		DemoTokens: []graphiql.DemoToken{{Name: "a developer", Value: "demo-token"}},
	}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)

	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)

	v := &visit{}
	v.Context, cancel = chromedp.NewContext(ctx, chromedp.WithListener(v.observe))
	t.Cleanup(cancel)
	t.Cleanup(func() { v.reproach(t, server.URL+"/") })
	v.run(t, chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(chromedp.CSS(pressPlay)))
	return v
}

// shows waits until an element contains the text.
func shows(selector, text string) chromedp.Action[chromedp.Void] {
	expression := fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.innerText.includes(%q))`, selector, text)
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(patience))
}

// stored waits until localStorage keeps the text: GraphiQL writes with a delay, so that typing is
// not slowed down.
func stored(key, text string) chromedp.Action[chromedp.Void] {
	expression := fmt.Sprintf(`(localStorage[%q] ?? "").includes(%q)`, key, text)
	return chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(patience))
}

func open(example graphiql.Example) chromedp.Action[chromedp.Void] {
	return chromedp.Click(fmt.Sprintf(`//button[contains(., %q)]`, example.Name))
}

func TestFreshVisitShowsTheFirstExampleAndPlayAnswersIt(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		shows(".graphiql-query-editor", "query Greeting"),
		shows(".examples", "Greetings as they come"),
		chromedp.Click(chromedp.CSS(pressPlay)),
		shows(response, `"private": ""`),
	)
}

func TestDocumentationIsShown(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Documentation Explorer"]`)),
		shows(".graphiql-doc-explorer", "Query"),
		chromedp.Click(`//a[text()="Query"]`),
		shows(".graphiql-doc-explorer", "Where every question starts."),
	)
}

func TestSubscriptionShowsWhatIsStreamed(t *testing.T) {
	v := newVisit(t)
	v.run(t, open(examples[1]), shows(".graphiql-query-editor", "subscription Greeted"), chromedp.Click(chromedp.CSS(pressPlay)),
		shows(response, `"greeted": "streamed"`))
}

func TestTokenIsSentAndLivesInTheSessionAlone(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		chromedp.SendKeys(chromedp.CSS("#token"), "typed-token"),
		chromedp.Click(chromedp.CSS(pressPlay)),
		shows(response, `"private": "typed-token"`),
	)
	lasting := v.text(t, `location.href + JSON.stringify(localStorage)`)
	session := v.text(t, `JSON.stringify(sessionStorage)`)
	if strings.Contains(lasting, "typed-token") || !strings.Contains(session, "typed-token") {
		t.Errorf("the token is in %s, or not in the session's %s", lasting, session)
	}
}

func TestHeadersOfAnExampleBeatTheTokenFieldAndAreNotKept(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		chromedp.SendKeys(chromedp.CSS("#token"), "typed-token"),
		open(examples[2]),
		shows(".graphiql-tabs", "AsJob"),
		chromedp.Click(chromedp.CSS(pressPlay)),
		shows(response, `"job": "job-token"`),
		shows(response, `"private": ""`),
		stored("graphiql:queries", "AsJob"),
		stored("graphiql:tabState", "AsJob"),
	)
	if lasting := v.text(t, `JSON.stringify(localStorage)`); strings.Contains(lasting, "job-token") {
		t.Errorf("localStorage holds a header: %s", lasting)
	}
}

func TestDemoTokenIsChosenFromTheList(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		chromedp.SendKeys(chromedp.CSS(`select[aria-label="Demo token"]`), "a developer"),
		chromedp.Click(chromedp.CSS(pressPlay)),
		shows(response, `"private": "demo-token"`),
	)
}

func TestTabsOutliveAReload(t *testing.T) {
	v := newVisit(t)
	v.run(t,
		open(examples[1]),
		shows(".graphiql-tabs", "Greeted"),
		stored("graphiql:tabState", "subscription Greeted"),
		chromedp.Reload(),
		shows(".graphiql-tabs", "Greeting"),
		shows(".graphiql-tabs", "Greeted"),
	)
}

func TestPlanAndCostAreShownWhileTheirPanelIsOpen(t *testing.T) {
	v := newVisit(t)
	v.run(t, chromedp.Click(chromedp.CSS(pressPlay)), shows(response, `"extensions": {}`),
		chromedp.Click(chromedp.CSS(`button[aria-label="Show Plan and cost"]`)),
		chromedp.Click(chromedp.CSS(pressPlay)),
		shows(".plan", "What Greeting cost"), shows(".plan dd", "17"), shows(".plan dd", "23 ms"),
		shows(".plan pre", "#1 GET a greeting"))
}

func TestTheQueryBuilderWritesTheQuery(t *testing.T) {
	v := newVisit(t)
	const field = `document.querySelector('.graphiql-explorer-root [data-field-name="greeting"]')`
	written := func(is bool) chromedp.Action[chromedp.Void] {
		const editor = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue()`
		return chromedp.Poll[chromedp.Void](fmt.Sprintf(`%s.includes("greeting") === %t`, editor, is))
	}
	v.run(t, chromedp.Click(chromedp.CSS(`button[aria-label="Show GraphiQL Explorer"]`)),
		chromedp.Poll[chromedp.Void](field+` !== null`), written(true),
		chromedp.Evaluate[chromedp.Void](field+`.click()`), written(false),
		chromedp.Evaluate[chromedp.Void](field+`.click()`), written(true))
}

// tabTo presses Tab until an expression about the focused element, e, is true.
func (v *visit) tabTo(t *testing.T, what, expression string) {
	t.Helper()
	for range 60 {
		if v.text(t, `((e) => String(`+expression+`))(document.activeElement)`) == "true" {
			return
		}
		v.run(t, chromedp.KeyEvent(kb.Tab))
	}
	t.Fatalf("Tab does not come to %s", what)
}

func TestThePageIsUsedByTheKeyboardAlone(t *testing.T) {
	v := newVisit(t)
	v.tabTo(t, "the token", `e.id === "token"`)
	v.run(t, chromedp.KeyEvent("typed-token"))
	v.tabTo(t, "an example", `e.innerText?.includes("As a job")`)
	v.run(t, chromedp.KeyEvent(kb.Enter), shows(".graphiql-query-editor", "query AsJob"))
	v.tabTo(t, "the editor", `e.closest(".graphiql-query-editor .CodeMirror") !== null`)
	v.run(t, chromedp.KeyEvent(kb.Tab)) // leaves the editor, and does not indent
	v.tabTo(t, "the play button", `e.matches(".graphiql-execute-button")`)
	v.run(t, chromedp.KeyEvent(kb.Enter), shows(response, `"job": "job-token"`))
	if address := v.text(t, `location.href`); strings.Contains(address, "typed-token") {
		t.Errorf("the token is in the address: %s", address)
	}
}

func TestANarrowWindowShowsEverythingBelowEachOther(t *testing.T) {
	v := newVisit(t)
	v.run(t, chromedp.EmulateViewport(390, 800), chromedp.Click(chromedp.CSS(pressPlay)), shows(response, `"private"`))
	for _, part := range []string{".graphiql-plugin", ".graphiql-editors", ".graphiql-response"} {
		width := v.text(t, fmt.Sprintf(`String(document.querySelector(%q).clientWidth >= 270)`, part))
		if width != "true" {
			t.Errorf("%s is narrower than the window", part)
		}
	}
	if fits := v.text(t, `String(document.documentElement.scrollWidth <= 390)`); fits != "true" {
		t.Error("the page scrolls sideways")
	}
}

func TestThePageFollowsTheReadersColours(t *testing.T) {
	v := newVisit(t)
	const brightness = `String(getComputedStyle(document.querySelector(".graphiql-container")).backgroundColor.match(/\d+/g).
		slice(0, 3).reduce((a, b) => a + Number(b), 0) > 382)`
	for scheme, bright := range map[string]string{"light": "true", "dark": "false"} {
		v.run(t, preferring(scheme))
		if got := v.text(t, brightness); got != bright {
			t.Errorf("%s: the page is bright: %s", scheme, got)
		}
	}
}

// preferring makes the page look as a reader has it who prefers a colour scheme.
func preferring(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}
