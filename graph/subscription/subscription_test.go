package subscription

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"jobgraph/graph/errcode"
	"jobgraph/graph/loader"
	"jobgraph/graph/model"
	"jobgraph/internal/live"
	"jobgraph/restclient"
)

// upstream is a job whose status and log a test sets.
type upstream struct {
	mu       sync.Mutex
	status   string
	log      []byte
	archived string // the artifacts of the job, as JSON
	sent     int    // bytes of the log
}

func (u *upstream) set(status, log string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.status, u.log = status, append(u.log, log...)
}

func (u *upstream) Fetch(_ context.Context, _ restclient.Credential, path string) (*restclient.Response, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if path != "/projects/1/jobs/61" {
		return nil, fmt.Errorf("nothing is at %s", path)
	}
	return &restclient.Response{Status: 200, Body: fmt.Appendf(nil, `{"id":61,"status":%q,"artifacts":[%s],"pipeline":{"id":6,"project_id":1,"status":"running"}}`, u.status, u.archived)}, nil
}

func (u *upstream) Trace(_ context.Context, _ restclient.Credential, _ restclient.ProjectID, _ int64,
	r restclient.TraceRange) (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	rest := string(u.log[min(r.Offset, int64(len(u.log))):])
	rest = rest[:min(int(r.Limit), len(rest))]
	u.sent += len(rest)
	return io.NopCloser(strings.NewReader(rest)), nil
}

// executor executes the one field that a test subscribes to, as gqlgen's does.
type executor struct {
	executed atomic.Int32
	ended    atomic.Bool // the context ends before the next event is executed
	field    func(context.Context) (func() any, error)
}

func (x *executor) dispatch(
	ctx context.Context, _ *graphql.OperationContext,
) (graphql.ResponseHandler, context.Context) {
	next, err := x.field(graphql.WithFieldContext(ctx, &graphql.FieldContext{}))
	if err != nil {
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{gqlerror.Wrap(err)}}), ctx
	}
	return func(context.Context) *graphql.Response {
		if x.ended.CompareAndSwap(true, false) {
			return nil // and leaves the event where it is, as gqlgen does
		}
		x.executed.Add(1)
		data, _ := json.Marshal(next())
		return &graphql.Response{Data: data}
	}, ctx
}

func jobField(ctx context.Context) (func() any, error) {
	events, err := JobUpdated(ctx, "gid://gitlab/Project/1/Job/61")
	return func() any { return (<-events).(*model.Job).Status() }, err
}

func logField(ctx context.Context) (func() any, error) {
	events, err := JobLogAppended(ctx, "gid://gitlab/Project/1/Job/61", nil)
	return func() any { c := <-events; return []int64{c.FromByte, c.ToByte} }, err
}

// rig is a broadcaster on a clock of its own.
type rig struct {
	*Broadcaster
	upstream *upstream
	executor *executor
}

func bubble(t *testing.T, field func(context.Context) (func() any, error), test func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		u, x := &upstream{status: "running"}, &executor{field: field}
		engine := live.New(live.Config{Upstream: u})
		defer engine.Close()
		b := New(Config{
			Live: engine, Dispatch: x.dispatch, SlowBytes: 1000, Now: time.Now,
			Request: func(context.Context, *graphql.OperationContext, Brought) *loader.Request {
				return loader.New(loader.Config{})
			},
			Credential: func(ctx context.Context) restclient.Credential {
				return ctx.Value(callerKey{}).(restclient.Credential)
			},
			Present: func(_ context.Context, err error) *gqlerror.Error { return gqlerror.Wrap(err) },
		})
		test(t, &rig{b, u, x})
		synctest.Wait()
		if s := b.Size(); s != (Size{}) {
			t.Errorf("left behind: %+v", s)
		}
	})
}

type callerKey struct{}

// subscriber is one subscription of a caller. The test reads it when it likes.
type subscriber struct {
	next   graphql.ResponseHandler
	ctx    context.Context
	cancel context.CancelFunc
}

func (r *rig) subscribe(token string) *subscriber {
	ctx, cancel := context.WithCancel(operationOf(token))
	return &subscriber{r.Operation(ctx, nil), ctx, cancel}
}

func (r *rig) subscribeReady(token string, ready func()) *Stream {
	return r.Subscribe(operationOf(token), ready)
}

// operationOf returns the context of a caller's subscription.
func operationOf(token string) context.Context {
	op := &graphql.OperationContext{RawQuery: "subscription { f }", Variables: map[string]any{}, Operation: &ast.OperationDefinition{
		Operation: ast.Subscription, SelectionSet: ast.SelectionSet{&ast.Field{Name: "f", Alias: "f",
			ObjectDefinition: &ast.Definition{Name: "Subscription"}}},
	}}
	ctx := context.WithValue(context.Background(), callerKey{},
		restclient.Credential{Header: restclient.HeaderPrivateToken, Value: token})
	return graphql.WithOperationContext(ctx, op)
}

// read returns the next data, "end", or the code of an end with errors and its byte.
func (s *subscriber) read() string {
	response := s.next(s.ctx)
	switch {
	case response == nil:
		return "end"
	case response.Data != nil:
		return string(response.Data)
	case response.Errors[0].Extensions == nil:
		return response.Errors[0].Message
	}
	return fmt.Sprint(response.Errors[0].Extensions["code"], " ", response.Errors[0].Extensions["fromByte"])
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func TestEqualSubscribersShareAnExecutionAndOthersDoNot(t *testing.T) {
	bubble(t, jobField, func(t *testing.T, r *rig) {
		var all []*subscriber
		for range 100 {
			all = append(all, r.subscribe("a"))
		}
		for _, s := range all {
			expect(t, "first event", s.read(), `"RUNNING"`)
		}
		if r.executor.executed.Load() != 1 || r.Size() != (Size{Subscribers: 100, Runs: 1}) {
			t.Errorf("%d executions, %+v", r.executor.executed.Load(), r.Size())
		}
		other := r.subscribe("b")
		expect(t, "another caller", other.read(), `"RUNNING"`)
		if r.executor.executed.Load() != 2 {
			t.Errorf("%d executions with another caller", r.executor.executed.Load())
		}
		r.upstream.set("success", "")
		for _, s := range append(all, other) {
			expect(t, "change", s.read(), `"SUCCESS"`)
			expect(t, "after the last", s.read(), "end")
		}
		if r.executor.executed.Load() != 4 {
			t.Errorf("%d executions of two events for two callers", r.executor.executed.Load())
		}
	})
}

// gqlgen takes no event whose context has ended. A run that waited until it is taken would never
// end, and go on to watch for nobody.
func TestAnEventThatIsNotTakenDoesNotHoldUpTheNext(t *testing.T) {
	bubble(t, jobField, func(t *testing.T, r *rig) {
		r.executor.ended.Store(true)
		s := r.subscribe("a")
		if first := s.next(s.ctx); first.Data != nil {
			t.Errorf("the event that was not executed: %s", first.Data)
		}
		r.upstream.set("canceling", "")
		expect(t, "the next", s.read(), `"CANCELING"`)
		s.cancel()
	})
}

func TestASlowReaderOfStatesSkipsToTheNewest(t *testing.T) {
	bubble(t, jobField, func(t *testing.T, r *rig) {
		slow := r.subscribe("a")
		expect(t, "first event", slow.read(), `"RUNNING"`)
		for _, status := range []string{"canceling", "canceled"} {
			synctest.Wait()
			r.upstream.set(status, "")
			time.Sleep(20 * time.Second)
		}
		expect(t, "offered before", slow.read(), `"CANCELING"`)
		expect(t, "the newest", slow.read(), `"CANCELED"`)
		expect(t, "after the last", slow.read(), "end")
	})
}

func TestALateSubscriberBeginsWithWhatIs(t *testing.T) {
	bubble(t, jobField, func(t *testing.T, r *rig) {
		first := r.subscribe("a")
		expect(t, "first event", first.read(), `"RUNNING"`)
		r.upstream.set("canceling", "")
		expect(t, "change", first.read(), `"CANCELING"`)
		late := r.subscribe("a")
		expect(t, "late", late.read(), `"CANCELING"`)
		first.cancel() // the one that came first leaves
		expect(t, "gone", first.read(), "end")
		r.upstream.set("canceled", "")
		expect(t, "the other goes on", late.read(), `"CANCELED"`)
		expect(t, "after the last", late.read(), "end")
	})
}

func TestAReaderTooSlowForALogEndsWithItsByte(t *testing.T) {
	bubble(t, logField, func(t *testing.T, r *rig) {
		slow, quick := r.subscribe("a"), r.subscribe("a")
		r.upstream.set("running", strings.Repeat("x", 100))
		expect(t, "quick", quick.read(), "[0,100]")
		expect(t, "slow", slow.read(), "[0,100]")
		r.upstream.set("running", strings.Repeat("x", 500))
		expect(t, "quick", quick.read(), "[100,600]")
		r.upstream.set("running", strings.Repeat("x", 1500))
		expect(t, "quick", quick.read(), "[600,2100]")
		time.Sleep(10 * time.Second)
		r.upstream.set("running", "x")
		expect(t, "quick", quick.read(), "[2100,2101]")
		expect(t, "slow", slow.read(), errcode.SlowConsumer+" 100")
		expect(t, "slow, afterwards", slow.read(), "end")
		quick.cancel()
	})
}

func TestShutdownEndsStreamsSpread(t *testing.T) {
	bubble(t, logField, func(t *testing.T, r *rig) {
		r.upstream.set("running", "begun")
		subscribers := make([]*subscriber, 40)
		for i := range subscribers {
			subscribers[i] = r.subscribe("a")
			expect(t, "first event", subscribers[i].read(), "[0,5]")
		}
		began := time.Now()
		r.Drain(time.Minute, time.Sleep)
		if took := time.Since(began); took < 70*time.Millisecond || took > 90*time.Millisecond {
			t.Errorf("40 ends were spread over %v", took)
		}
		for _, s := range subscribers {
			expect(t, "end", s.read(), errcode.Resubscribe+" 5")
		}
		expect(t, "a new one", r.subscribe("a").read(), "end")
	})
}

func TestALongLogForAThousandSubscribersIsFetchedOnce(t *testing.T) {
	const length = 10 << 20
	bubble(t, logField, func(t *testing.T, r *rig) {
		r.upstream.set("success", strings.Repeat("x", length))
		r.upstream.archived = fmt.Sprintf(`{"file_type":"trace","filename":"job.log","size":%d}`, length)
		ends := make(chan string, 1000)
		for range cap(ends) {
			s := r.subscribe("a")
			go func() {
				last := ""
				for next := s.read(); next != "end"; next = s.read() {
					last = next
				}
				ends <- last
			}()
		}
		for range cap(ends) {
			if last := <-ends; !strings.HasSuffix(last, fmt.Sprintf(",%d]", length)) {
				t.Fatalf("a subscriber ended after %s", last)
			}
		}
		if r.upstream.sent > length*11/10 {
			t.Errorf("%d bytes were fetched of a log of %d", r.upstream.sent, length)
		}
		t.Logf("%d bytes were fetched of a log of %d, and %d chunks executed", r.upstream.sent, length, r.executor.executed.Load())
	})
}
