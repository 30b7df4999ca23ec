package capacity_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"jobgraph/bench/capacity"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/capacity.md")

// How far a prediction may be from what was measured. Calls are counted; CPU time was taken on a
// machine that did other things too, and resident memory depends on when the collector last ran.
const (
	callTolerance   = 0.05
	cpuTolerance    = 0.25
	memoryTolerance = 0.15
)

func model(t *testing.T) (capacity.Model, []capacity.Point) {
	t.Helper()
	points, err := capacity.Measured()
	if err != nil {
		t.Fatal(err)
	}
	m, err := capacity.New(points)
	if err != nil {
		t.Fatal(err)
	}
	return m, points
}

// The model is made from the parts of a day, each measured by itself with one company. Whole days
// of companies of other sizes must come out as they were measured.
func TestTheModelPredictsTheDaysThatWereMeasured(t *testing.T) {
	m, points := model(t)
	whole := map[int]bool{}
	for _, p := range points {
		if p.Part != capacity.Whole {
			continue
		}
		whole[p.Developers] = true
		predicted := m.Predict(p.Company, p.Seconds)
		for what, c := range map[string]struct{ predicted, measured, tolerance float64 }{
			"calls":  {predicted.Calls, float64(p.AllCalls()), callTolerance},
			"CPU":    {predicted.CPU, p.CPU, cpuTolerance},
			"memory": {predicted.Memory, p.Memory, memoryTolerance},
		} {
			if off := c.predicted/c.measured - 1; math.Abs(off) > c.tolerance {
				t.Errorf("%d developers, %s: %.3g predicted, %.3g measured: %+.0f %%", p.Developers, what, c.predicted, c.measured, 100*off)
			}
		}
	}
	if len(whole) < 3 {
		t.Errorf("whole days of %d sizes, want 3", len(whole))
	}
}

func TestAPlanGrowsWithItsCompany(t *testing.T) {
	m, _ := model(t)
	small, large := m.Plan(capacity.Of(1_000)), m.Plan(capacity.Of(100_000))
	if r := large.Calls / small.Calls; math.Abs(r-100) > 0.1 {
		t.Errorf("100 times the company makes %g times the calls", r)
	}
	if small.Replicas != 2 || large.Instances != 2 || large.Replicas < 4 || large.Redis <= small.Redis {
		t.Errorf("%+v, %+v", small, large)
	}
	if large.Limits[0].Share < large.Limits[1].Share {
		t.Error("the first limit is not first")
	}
}

// put compares a table of the document with what the model says, or with -update rewrites it.
func put(t *testing.T, name, want string) {
	t.Helper()
	const path = "../../docs/capacity.md"
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)<!-- ` + name + ` -->\n(.*?)<!-- /` + name + ` -->\n`)
	at := part.FindSubmatchIndex(document)
	if at == nil {
		t.Fatalf("%s has no part %s", path, name)
	}
	if got := string(document[at[2]:at[3]]); got == want {
		return
	} else if !*update {
		t.Errorf("%s says:\n%s\nbut the model says:\n%s\n(go -C bench test ./capacity -update rewrites it)", path, got, want)
		return
	}
	changed := string(document[:at[2]]) + want + string(document[at[3]:])
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheDocumentHasTheMeasuredDays(t *testing.T) {
	m, points := model(t)
	var table strings.Builder
	table.WriteString("| developers | part | seed | requests | subscriptions | events | polls | calls to GitLab | CPU s | resident MB | p50 ms | p99 ms | predicted: calls | CPU s | MB |\n")
	table.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, p := range points {
		fmt.Fprintf(&table, "| %d | %s | %d | %d | %d | %d | %d | %d | %.1f | %.0f | %.1f | %.1f |", p.Developers, p.Part, p.Seed,
			p.AllRequests(), p.MostWatches, p.Events, p.Polls, p.AllCalls(), p.CPU, p.Memory/1e6, p.P50, p.P99)
		if p.Part == capacity.Whole {
			predicted := m.Predict(p.Company, p.Seconds)
			fmt.Fprintf(&table, " %.0f | %.1f | %.0f |\n", predicted.Calls, predicted.CPU, predicted.Memory/1e6)
		} else {
			table.WriteString(" | | |\n")
		}
	}
	put(t, "days", table.String())

	table.Reset()
	table.WriteString("| one | CPU | calls to GitLab | polls | events | memory |\n| --- | --- | --- | --- | --- | --- |\n")
	fmt.Fprintf(&table, "| request, in the mean of the mix | %.2f ms | %.2f | | | |\n", m.Request.CPU*1e3, m.Request.Calls)
	fmt.Fprintf(&table, "| subscription, for a minute | %.1f ms | %.1f | %.1f | %.1f | %.0f KB |\n", m.Watch.CPU*60e3, m.Watch.Calls*60, m.Watch.Polls*60, m.Watch.Events*60, m.WatchMemory/1e3)
	fmt.Fprintf(&table, "| the same where GitLab sends webhooks | %.1f ms | %.1f | %.1f | %.1f | |\n", m.Hooked.CPU*60e3, m.Hooked.Calls*60, m.Hooked.Polls*60, m.Hooked.Events*60)
	put(t, "model", table.String())
}

func TestTheDocumentHasThePlans(t *testing.T) {
	m, _ := model(t)
	var plans []capacity.Plan
	for _, developers := range []int{1_000, 100_000, 10_000_000} {
		plans = append(plans, m.Plan(capacity.Of(developers)))
	}
	var table strings.Builder
	table.WriteString("| in the busiest hour |")
	for _, p := range plans {
		fmt.Fprintf(&table, " %s daily users |", grouped(float64(p.Developers)))
	}
	table.WriteString("\n| --- | --- | --- | --- |\n")
	for _, row := range []struct {
		name string
		of   func(capacity.Plan) string
	}{
		{"instances of GitLab", func(p capacity.Plan) string { return grouped(float64(p.Instances)) }},
		{"requests a second", func(p capacity.Plan) string { return grouped(p.Requests) }},
		{"subscriptions at the same time", func(p capacity.Plan) string { return grouped(p.Watches) }},
		{"calls to GitLab a second", func(p capacity.Plan) string { return grouped(p.Calls) }},
		{"… of these, for subscriptions", func(p capacity.Plan) string { return grouped(p.PollCalls) }},
		{"calls to GitLab a second, with webhooks", func(p capacity.Plan) string { return grouped(p.HookCalls) }},
		{"busy cores", func(p capacity.Plan) string { return grouped(p.Cores) }},
		{"replicas of two cores", func(p capacity.Plan) string { return grouped(float64(p.Replicas)) }},
		{"memory of all replicas, MB", func(p capacity.Plan) string { return grouped(p.Memory / 1e6) }},
		{"Redis: commands a second", func(p capacity.Plan) string { return grouped(p.Redis) }},
		{"Redis: messages passed on a second", func(p capacity.Plan) string { return grouped(p.Deliveries) }},
		{"**first limit**", func(p capacity.Plan) string { return limit(p.Limits[0]) }},
		{"second limit", func(p capacity.Plan) string { return limit(p.Limits[1]) }},
		{"third limit", func(p capacity.Plan) string { return limit(p.Limits[2]) }},
		{"fourth limit", func(p capacity.Plan) string { return limit(p.Limits[3]) }},
	} {
		fmt.Fprintf(&table, "| %s |", row.name)
		for _, p := range plans {
			fmt.Fprintf(&table, " %s |", row.of(p))
		}
		table.WriteString("\n")
	}
	put(t, "plans", table.String())
}

func limit(l capacity.Limit) string {
	return fmt.Sprintf("%s: %s %% of it", l.Name, grouped(100*l.Share))
}

// grouped returns a number with two significant digits, or whole with commas where it is large.
func grouped(n float64) string {
	if n < 10 {
		return fmt.Sprintf("%.2g", n)
	}
	digits := fmt.Sprintf("%.0f", n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
