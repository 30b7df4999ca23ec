package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jobgraph/e2e/harness"
	"jobgraph/e2e/harness/collector"
	"jobgraph/internal/fakegitlab"
)

var (
	oneRequest      = regexp.MustCompile(`(?s)<!-- one request -->\n(.*?)<!-- /one request -->\n`)
	oneRequestQuery = regexp.MustCompile("(?s)## One request\n.*?```graphql\n(.*?)```\n")

	hexadecimal = regexp.MustCompile(`\b[0-9a-f]{16,32}\b`)
	moment      = regexp.MustCompile(`"time":"[^"]*"`)
	figure      = regexp.MustCompile(`\b\d+(\.\d+)?(e-\d+)?(µs|ms|s)?\b`)
)

// shapeOf leaves out what is different each time.
func shapeOf(text string) string {
	text = moment.ReplaceAllString(text, `"time":T`)
	return figure.ReplaceAllString(hexadecimal.ReplaceAllString(text, "ID"), "N")
}

// The documentation shows a request in the log, in a trace and in a scrape as they are.
func TestTheDocumentsShowOneRequestInLogTraceAndScrape(t *testing.T) {
	query := oneRequestQuery.FindStringSubmatch(readDocument(t, "docs/operations.md"))
	if query == nil {
		t.Fatal("docs/operations.md has no request")
	}
	g, c := traced(t, harness.SmallSimulator(fakegitlab.Newest))
	header := harness.As(harness.MaintainerToken)
	header.Set("X-Request-Id", "7d1c")
	header.Set("traceparent", "00-"+clientTrace+"-"+clientSpan+"-01")
	if a := g.Post(t, harness.Operation{Query: query[1]}, header); a.Status != http.StatusOK || a.Errors != nil {
		t.Fatal(a)
	}
	line := awaitLog(t, g, 1, `"msg":"request"`)[0]
	operation, all := awaitSpan(t, c, "query FailedJobs")
	var text strings.Builder
	fmt.Fprintf(&text, "```json\n%s```\n\n```text\n", line)
	writeSpan(&text, operation, all, "")
	text.WriteString("```\n\n```text\n")
	scrape := g.Get(t, "/metrics").String()
	for _, prefix := range []string{
		"jobgraph_operations_total{", "jobgraph_operation_duration_seconds_sum{", "jobgraph_operation_duration_seconds_count{",
		"jobgraph_upstream_requests_total{", "jobgraph_upstream_request_duration_seconds_sum{",
	} {
		for _, sample := range linesOf(scrape, prefix) {
			fmt.Fprintln(&text, sample)
		}
	}
	text.WriteString("```\n")

	shown := oneRequest.FindStringSubmatch(readDocument(t, "docs/operations.md"))
	if *update || shown == nil || shapeOf(shown[1]) != shapeOf(text.String()) {
		putInDocument(t, "docs/operations.md", oneRequest, 1, text.String())
	}
}

// writeSpan writes a span, and below it the spans that it is the parent of.
func writeSpan(to *strings.Builder, s collector.Span, all []collector.Span, indent string) {
	fmt.Fprintf(to, "%s%s (%s) %s trace=%s span=%s parent=%s\n", indent, s.Name, s.Kind, s.Took, s.Trace, s.ID, s.Parent)
	for _, key := range slices.Sorted(maps.Keys(s.Attributes)) {
		fmt.Fprintf(to, "%s  %s=%s\n", indent, key, s.Attributes[key])
	}
	for _, child := range all {
		if child.Parent == s.ID {
			writeSpan(to, child, all, indent+"    ")
		}
	}
}
