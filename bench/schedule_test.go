package main

import (
	"math"
	"reflect"
	"testing"
	"time"

	"jobgraph/bench/capacity"
)

func TestSchedulesOfEqualSeedsAreEqual(t *testing.T) {
	c := capacity.Of(1000)
	first := schedule(c, capacity.Whole, time.Minute, 7)
	if again := schedule(c, capacity.Whole, time.Minute, 7); !reflect.DeepEqual(first, again) {
		t.Error("two schedules of one seed differ")
	}
	if other := schedule(c, capacity.Whole, time.Minute, 8); reflect.DeepEqual(first, other) {
		t.Error("the schedules of two seeds are equal")
	}
}

func TestAScheduleHasTheRatesOfItsCompany(t *testing.T) {
	c, hour := capacity.Of(2000), 10*time.Minute
	acts := schedule(c, capacity.Whole, hour, 1)
	got, last := map[capacity.Kind]float64{}, time.Duration(0)
	for _, a := range acts {
		got[a.kind]++
		if a.at < last || a.at > hour*time.Duration(len(capacity.Hours)) || a.who >= c.Developers {
			t.Fatalf("%+v after %s", a, last)
		}
		last = a.at
	}
	var predicted float64
	for _, kind := range capacity.Kinds {
		want := c.Requests(1)[kind] * hour.Seconds() * float64(len(capacity.Hours))
		predicted += want
		if math.Abs(got[kind]-want) > 5*math.Sqrt(want) { // five standard deviations
			t.Errorf("%s: %.0f, want %.0f", kind, got[kind], want)
		}
	}
	seconds, most := watchTime(acts, hour*time.Duration(len(capacity.Hours)))
	if want := c.Watched(1) * hour.Seconds() * float64(len(capacity.Hours)); math.Abs(seconds-want) > want/50 {
		t.Errorf("watched for %.0f s, want %.0f", seconds, want)
	}
	if want := c.Watched(capacity.Peak); math.Abs(float64(most)-want) > 1 {
		t.Errorf("%d watches at most, want %.0f", most, want)
	}
}

func TestAPartOfADayHasNothingElse(t *testing.T) {
	for part, watches := range map[capacity.Part]bool{capacity.Pages: false, capacity.Watches: true} {
		for _, a := range schedule(capacity.Of(1000), part, time.Minute, 1) {
			if (a.open != 0) != watches || (a.kind == "") != watches {
				t.Fatalf("%s has %+v", part, a)
			}
		}
	}
}

func TestCountersAreReadFromAScrape(t *testing.T) {
	before := parseCounters(`jobgraph_upstream_requests_total{attempt="1",method="GET",route="/projects/:id/jobs",status="200"} 3
jobgraph_live_polls_total{reason="fast"} 5
`)
	after := parseCounters(`# HELP jobgraph_upstream_requests_total Requests
jobgraph_upstream_requests_total{attempt="1",method="GET",route="/projects/:id/jobs",status="200"} 13
jobgraph_upstream_requests_total{attempt="2",method="GET",route="/projects/:id/jobs",status="error"} 1
jobgraph_live_polls_total{reason="fast"} 6
jobgraph_live_polls_total{reason="check"} 2
`)
	calls, polls := after.since(before)
	if calls["GET /projects/:id/jobs"] != 11 || polls != 3 {
		t.Errorf("%v, %d polls", calls, polls)
	}
}

// Every request of a short day is answered, and the gateway's counts are read.
func TestADayIsReplayed(t *testing.T) {
	b, err := newBench(t.Context(), settings{hour: 300 * time.Millisecond, part: string(capacity.Whole), developers: 400})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	c := capacity.Of(b.developers)
	acts := schedule(c, capacity.Whole, b.hour, 3)
	point, err := b.replay(c, acts)
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, a := range acts {
		if a.kind != "" {
			want++
		}
	}
	if point.AllRequests() != want || point.Calls["GET /projects/:id/jobs"] == 0 || point.Polls == 0 || point.CPU <= 0 {
		t.Errorf("%d requests, want %d: %+v", point.AllRequests(), want, point)
	}
}
