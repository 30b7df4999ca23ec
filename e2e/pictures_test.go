//go:build browser

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	capture "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"jobgraph/e2e/harness"
)

// preferring makes the page look as a reader has it who prefers a colour scheme.
func preferring(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		features := []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
		return err
	})
}

// picture returns what the window shows, as WebP.
func picture(ctx context.Context, t *chromedp.Target) ([]byte, error) {
	quality := int64(82)
	params := capture.CaptureScreenshotParams{Format: capture.CaptureScreenshotFormatWebp, Quality: &quality}
	taken, err := cdp.Call(ctx, t, capture.CaptureScreenshot, params)
	if err != nil {
		return nil, err
	}
	return taken.Data, nil
}

// maxPicture bounds the size of a picture in the repository, in bytes.
const maxPicture = 120_000

// The README's pictures show the demo as it is. They are taken by
//
//	go test ./e2e -tags browser -run Pictures -update
func TestPicturesOfTheReadme(t *testing.T) {
	address := harness.StartAlone(t).Address
	const answered = `(document.querySelector(".result-window .CodeMirror-code")?.innerText ?? "").includes("fullPath")`
	for name, c := range map[string]struct {
		path, scheme, ready, act, done string
	}{
		"explorer.webp": {
			"/", "light", `document.querySelector(".graphiql-execute-button") !== null`,
			`document.querySelector(".graphiql-execute-button").click()`, answered,
		},
		"dashboard.webp": {
			"/demo/#/projects/1/pipelines", "dark", `document.querySelector("a.line .status.running") !== null`,
			`document.querySelector("a.line:has(.status.running)").click()`,
			`document.querySelectorAll(".stage").length > 3 && document.querySelector(".counts") !== null`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := browse(t, address)
			size, open := chromedp.EmulateViewport(1280, 720), chromedp.Navigate(address+c.path)
			if err := chromedp.Do(ctx, size, preferring(c.scheme), open); err != nil {
				t.Fatal(err)
			}
			await(t, ctx, "the page", c.ready)
			if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](c.act)); err != nil {
				t.Fatal(err)
			}
			await(t, ctx, "what it shows", c.done)
			taken, err := chromedp.Run(ctx, picture)
			if err != nil {
				t.Fatal(err)
			}
			// A page that shows nothing takes a few kilobytes.
			if len(taken) < 10_000 || len(taken) > maxPicture {
				t.Errorf("the picture has %d bytes", len(taken))
			}
			file := filepath.Join("../docs/pictures", name)
			if *update {
				if err := os.WriteFile(file, taken, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if info, err := os.Stat(file); err != nil || info.Size() > maxPicture {
				t.Errorf("the README's picture: %v", err)
			}
		})
	}
}
