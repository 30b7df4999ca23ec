package metrics

import (
	"context"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"jobgraph/internal/telemetry"
)

// BenchmarkOperation is what metrics add to one operation.
func BenchmarkOperation(b *testing.B) {
	r := &telemetry.Recorder{Now: time.Now, Ended: []telemetry.Sink{New("test").Operation}}
	op := &ast.OperationDefinition{Name: "Jobs", Operation: ast.Query}
	b.ReportAllocs()
	for b.Loop() {
		_, o := r.Begin(context.Background(), telemetry.HTTP, nil)
		o.Describe(op)
		o.End()
	}
}
