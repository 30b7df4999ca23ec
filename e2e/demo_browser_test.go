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
)

// A newcomer starts the gateway with nothing configured, opens the page, presses play on the first
// example, and sees jobs.
func TestANewcomerSeesJobs(t *testing.T) {
	address := harness.StartAlone(t).Address
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
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
