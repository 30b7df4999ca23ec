package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"jobgraph/bench/capacity"
	"jobgraph/e2e/harness/process"
)

// day is a replayed day in progress.
type day struct {
	company capacity.Company
	address string
	office  *office
	epoch   time.Time

	work     sync.WaitGroup // requests in flight
	mu       sync.Mutex     // guards what follows
	idle     []idle
	screens  []*watchConn // of dashboards
	open     []*watchConn // of developers, the oldest first
	requests map[capacity.Kind]int64
	times    []time.Duration
	events   int64
	retried  int64
	failed   error
}

// idle is a connection that nobody uses.
type idle struct {
	*connection
	since time.Time
}

// runDay replays a company's day, prints what it took and what the model predicts, and writes the
// measured point where it is asked for.
func (b *bench) runDay() error {
	c := capacity.Of(b.developers)
	acts := schedule(c, capacity.Part(b.part), b.hour, b.seed)
	fmt.Printf("seed %d: %d developers, %d dashboards, %d bots; %d hours of %s each, %d acts\n",
		b.seed, c.Developers, c.Dashboards, c.Bots, len(capacity.Hours), b.hour, len(acts))
	point, err := b.replay(c, acts)
	if err != nil {
		return err
	}
	printPoint(os.Stdout, point)
	if b.json {
		return json.NewEncoder(os.Stdout).Encode(point)
	}
	return nil
}

// replay does the acts at their times, and measures the gateway meanwhile.
func (b *bench) replay(c capacity.Company, acts []act) (capacity.Point, error) {
	office, err := newOffice(c)
	if err != nil {
		return capacity.Point{}, err
	}
	defer office.close()
	office.SetLatency(b.latency)
	gateway, err := start(b.ctx, b.gateway(), "-addr=127.0.0.1:0", "-gitlab-probe=false",
		"-gitlab-url=http://"+office.address(), "-webhook-secret="+officeSecret)
	if err != nil {
		return capacity.Point{}, err
	}
	defer gateway.Stop()
	if capacity.Part(b.part) == capacity.Webhooks {
		ctx, stop := context.WithCancel(b.ctx)
		defer stop()
		office.sendHooks(ctx, gateway.Address+"/webhooks/gitlab")
	}
	d := &day{company: c, address: host(gateway), office: office, requests: map[capacity.Kind]int64{}}
	defer d.close()
	point := capacity.Point{
		Company: c, Part: capacity.Part(b.part), Seed: b.seed, Seconds: float64(len(capacity.Hours)) * b.hour.Seconds(),
	}
	if err := d.warm(); err != nil {
		return point, fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	idle, err := resident(gateway)
	if err != nil {
		return point, err
	}
	if point.Part != capacity.Pages {
		if err := d.openScreens(); err != nil {
			return point, err
		}
	}
	if err := d.measure(b, gateway, acts, &point); err != nil {
		return point, fmt.Errorf("%w; the gateway says: %s", err, gateway.Log())
	}
	point.Idle = float64(idle)
	point.WatchSeconds, point.MostWatches = watchTime(acts, time.Duration(point.Seconds*float64(time.Second)))
	if point.Part != capacity.Pages {
		point.WatchSeconds += float64(c.Dashboards) * point.Seconds
		point.MostWatches += c.Dashboards
	}
	return point, nil
}

// watchTime returns the sum of the times of the watches that a schedule opens, in seconds, and how
// many are open at most.
func watchTime(acts []act, end time.Duration) (seconds float64, most int) {
	open, last := 0, time.Duration(0)
	for _, a := range append(slices.Clone(acts), act{at: end}) {
		seconds += float64(open) * (a.at - last).Seconds()
		open, last = open+a.open, a.at
		most = max(most, open)
	}
	return seconds, most
}

// measure does the acts, and fills in what was measured.
func (d *day) measure(b *bench, gateway *process.Process, acts []act, point *capacity.Point) error {
	before, err := readCounters(d.address)
	if err != nil {
		return err
	}
	used, err := cpu(gateway)
	if err != nil {
		return err
	}
	d.reset()
	if err := d.live(b, acts, time.Duration(point.Seconds*float64(time.Second))); err != nil {
		return err
	}
	busy, err := cpu(gateway)
	if err != nil {
		return err
	}
	memory, err := resident(gateway)
	if err != nil {
		return err
	}
	after, err := readCounters(d.address)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	point.CPU, point.Memory = (busy - used).Seconds(), float64(memory)
	point.Calls, point.Polls = after.since(before)
	point.Requests, point.Events = d.requests, d.events
	if len(d.times) > 0 {
		slices.Sort(d.times)
		point.P50, point.P99 = ms(percentile(d.times, 50)), ms(percentile(d.times, 99))
	}
	return nil
}

// reset forgets what was counted while the gateway was warmed.
func (d *day) reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests, d.times, d.events, d.epoch = map[capacity.Kind]int64{}, nil, 0, time.Now()
}

// live does the acts at their times, whether or not those before have been answered.
func (d *day) live(b *bench, acts []act, length time.Duration) error {
	for _, a := range append(slices.Clone(acts), act{at: length}) {
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(time.Until(d.epoch.Add(a.at))):
		}
		switch {
		case a.kind != "":
			d.work.Go(func() { d.note(d.request(a)) })
		case a.open > 0:
			d.work.Go(func() { d.note(d.watch(a.who)) })
		case a.open < 0:
			d.unwatch()
		}
		d.mu.Lock()
		err := d.failed
		d.mu.Unlock()
		if err != nil {
			return err
		}
	}
	d.work.Wait()
	return nil
}

// note keeps the first failure, which ends the day.
func (d *day) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
	}
}

// counters are what the gateway counts of itself.
type counters struct {
	calls map[string]int64
	polls int64
}

var (
	callSample = regexp.MustCompile(`(?m)^jobgraph_upstream_requests_total\{attempt="\d+",method="(\w+)",route="([^"]+)",status="\w+"\} (\d+)$`)
	pollSample = regexp.MustCompile(`(?m)^jobgraph_live_polls_total\{reason="\w+"\} (\d+)$`)
)

// readCounters scrapes the gateway, as Prometheus does.
func readCounters(address string) (counters, error) {
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return counters{}, err
	}
	defer response.Body.Close()
	scrape, err := io.ReadAll(response.Body)
	if err != nil {
		return counters{}, err
	}
	return parseCounters(string(scrape)), nil
}

func parseCounters(scrape string) counters {
	c := counters{calls: map[string]int64{}}
	for _, sample := range callSample.FindAllStringSubmatch(scrape, -1) {
		n, _ := strconv.ParseInt(sample[3], 10, 64) // the pattern has digits only
		c.calls[sample[1]+" "+sample[2]] += n
	}
	for _, sample := range pollSample.FindAllStringSubmatch(scrape, -1) {
		n, _ := strconv.ParseInt(sample[1], 10, 64)
		c.polls += n
	}
	return c
}

// since returns what was counted after an earlier scrape.
func (c counters) since(before counters) (calls map[string]int64, polls int64) {
	for route, n := range before.calls {
		c.calls[route] -= n
	}
	return c.calls, c.polls - before.polls
}
