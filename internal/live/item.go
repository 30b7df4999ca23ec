package live

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"slices"
	"strconv"

	"jobgraph/restclient"
)

// Item is a job or a trigger job as it was read: exactly one of the two is not nil. It is never
// changed.
type Item struct {
	Job    *restclient.Job
	Bridge *restclient.Bridge

	id      int64
	status  string
	stub    *restclient.Pipeline
	raw     json.RawMessage
	details uint64 // a hash of all fields whose change is an event
}

// decodeItem reads one job or trigger job.
func decodeItem(raw json.RawMessage, bridge bool) (*Item, error) {
	response := &restclient.Response{Body: raw}
	if bridge {
		b, err := restclient.Decode[restclient.Bridge](response)
		if err != nil {
			return nil, err
		}
		i := &Item{Bridge: &b, id: b.ID, status: string(b.Status), stub: b.Pipeline, raw: raw}
		i.details = i.hashBridge()
		return i, nil
	}
	j, err := restclient.Decode[restclient.Job](response)
	if err != nil {
		return nil, err
	}
	i := &Item{Job: &j, id: j.ID, status: string(j.Status), stub: j.Pipeline, raw: raw}
	i.details = i.hashJob()
	return i, nil
}

// digest hashes values with separators between them.
type digest struct{ h io.Writer }

func (d digest) text(values ...string) {
	for _, v := range values {
		_, _ = io.WriteString(d.h, v)
		_, _ = d.h.Write([]byte{0})
	}
}

func (d digest) time(values ...*restclient.Time) {
	for _, v := range values {
		if v != nil {
			d.text(string(*v))
		} else {
			d.text("-")
		}
	}
}

func (d digest) optional(values ...*string) {
	for _, v := range values {
		if v != nil {
			d.text(*v)
		} else {
			d.text("-")
		}
	}
}

// hashJob leaves out what changes without an event: durations, and the runner's own state.
func (i *Item) hashJob() uint64 {
	h := fnv.New64a()
	d, j := digest{h}, i.Job
	d.text(string(j.Status), string(j.Name), j.Stage, string(j.Ref),
		strconv.FormatBool(j.AllowFailure), strconv.FormatBool(j.Archived))
	d.time(j.StartedAt, j.FinishedAt, j.ErasedAt, j.ArtifactsExpireAt)
	d.optional(j.FailureReason, (*string)(j.Coverage))
	if j.Runner != nil {
		d.text(strconv.FormatInt(j.Runner.ID, 10))
	}
	for _, a := range j.Artifacts {
		d.text(a.FileType, a.Filename)
		if a.Size != nil {
			d.text(strconv.FormatInt(*a.Size, 10))
		}
	}
	d.text(j.TagList...)
	return h.Sum64()
}

func (i *Item) hashBridge() uint64 {
	h := fnv.New64a()
	d, b := digest{h}, i.Bridge
	d.text(string(b.Status), string(b.Name), b.Stage, string(b.Ref), strconv.FormatBool(b.AllowFailure))
	d.time(b.StartedAt, b.FinishedAt, b.ErasedAt)
	d.optional(b.FailureReason)
	if p := b.DownstreamPipeline; p != nil {
		d.text(strconv.FormatInt(p.ID, 10), p.Status)
	}
	return h.Sum64()
}

// isFinished reports whether a job or pipeline has ended.
func isFinished(status string) bool {
	return slices.Contains([]string{"success", "failed", "canceled", "skipped"}, status)
}

// rank orders the states that a job of one number goes through. Where GitLab reads a replica of its
// database that lags, an older state may come after a newer one; it is not passed on. States of
// rank 0 may follow any but the last ones: a skipped or manual job can be enqueued, a scheduled one
// unscheduled.
func rank(status string) int {
	switch status {
	case "pending", "waiting_for_resource", "preparing", "waiting_for_callback":
		return 1
	case "running":
		return 2
	case "canceling":
		return 3
	case "success", "failed", "canceled":
		return 4
	}
	return 0
}

// goesBack reports whether a state is older than the one before. Where it is not known which came
// first, the later read counts.
func goesBack(before, after string) bool { return rank(before) > 1 && rank(after) < rank(before) }

// entry is an item in a content.
type entry struct {
	item    *Item
	changed int64 // the content's version in which it changed last
	listed  bool  // the last read of the list has it
}

// find finds an item in entries, which are sorted by number, the newest first.
func find(entries []entry, id int64) (entry, bool) {
	at, found := slices.BinarySearchFunc(entries, id, func(e entry, id int64) int {
		switch {
		case e.item.id > id:
			return -1
		case e.item.id < id:
			return 1
		}
		return 0
	})
	if !found {
		return entry{}, false
	}
	return entries[at], true
}

// merge makes the entries of a content after a read. Items that were read replace those before,
// unless they are older states; of the rest, those that keep reports are kept. It returns what has
// changed, which carries the given version.
func merge(
	before []entry, items []*Item, listed bool, version int64, keep func(entry) bool,
) (after []entry, changed []int64) {
	after = make([]entry, 0, len(items))
	seen := make(map[int64]bool, len(items))
	for _, item := range items {
		if seen[item.id] { // pages that moved while they were read
			continue
		}
		seen[item.id] = true
		e, known := find(before, item.id)
		switch {
		case known && (goesBack(e.item.status, item.status)):
		case known && e.item.details == item.details:
			e.item = item
		default:
			e = entry{item: item, changed: version, listed: e.listed}
			changed = append(changed, item.id)
		}
		e.listed = e.listed || listed
		after = append(after, e)
	}
	for _, e := range before {
		if seen[e.item.id] {
			continue
		}
		e.listed = e.listed && !listed
		if keep(e) {
			after = append(after, e)
		}
	}
	slices.SortFunc(after, func(a, b entry) int { return int(min(1, max(-1, b.item.id-a.item.id))) })
	return after, changed
}

// viewOf returns the view that entries give.
func viewOf(entries []entry) view {
	states, details := fnv.New64a(), fnv.New64a()
	v := view{}
	for _, e := range entries {
		if !e.listed {
			continue
		}
		v.weight++
		id := strconv.FormatInt(e.item.id, 10)
		digest{states}.text(id, e.item.status)
		digest{details}.text(id, strconv.FormatUint(e.item.details, 16))
	}
	v.states, v.details = states.Sum64(), details.Sum64()
	return v
}

// bytesOf returns the size of entries, without what they share with another watch.
func bytesOf(entries, shared []entry) int64 {
	total := int64(0)
	for _, e := range entries {
		total += 64
		if s, found := find(shared, e.item.id); !found || s.item != e.item {
			total += int64(len(e.item.raw))
		}
	}
	return total
}
