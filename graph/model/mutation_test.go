package model_test

import (
	"encoding/json"
	"testing"

	"jobgraph/graph/model"
)

func TestOutcomeOfACancelFollowsFromTheStatesAroundIt(t *testing.T) {
	for _, c := range []struct {
		before, after string
		want          model.CancelOutcome
	}{
		{"pending", "canceled", model.Canceled},
		{"manual", "canceled", model.Canceled},
		{"running", "canceling", model.Canceling},
		{"canceling", "canceled", model.Canceled},
		{"canceling", "canceling", model.Unchanged},
		{"canceled", "canceled", model.Unchanged},
		{"success", "success", model.Unchanged},
		{"running", "running", model.Unchanged}, // force on a job that is not canceling
		{"running", "success", model.Unchanged}, // it ended in between
		{"pending", "running", model.Unchanged}, // force, while a runner took it
	} {
		if got := model.OutcomeOf(c.before, c.after); got != c.want {
			t.Errorf("%s, then %s: %s, want %s", c.before, c.after, got, c.want)
		}
	}
}

func TestInputValuesAreStringsNumbersBooleansAndListsOfThem(t *testing.T) {
	for _, v := range []any{"", "a", int64(1), 1.5, json.Number("12345678901234567890"), false, []any{}, []any{"a", []any{int64(1), true}}} {
		if !(model.JobInputValue{Value: v}).Valid() {
			t.Errorf("%#v is refused", v)
		}
	}
	for _, v := range []any{nil, map[string]any{}, []any{nil}, []any{"a", []any{map[string]any{"b": "c"}}}} {
		if (model.JobInputValue{Value: v}).Valid() {
			t.Errorf("%#v is taken", v)
		}
	}
}
