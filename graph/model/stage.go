package model

import (
	"cmp"
	"slices"
)

// Fact is what grouping and counting depend on of one job or trigger job of a pipeline.
type Fact struct {
	ID int64
	AttemptKey
	Status       string // GitLab's word
	AllowFailure bool
}

func (j *Job) fact() Fact {
	return Fact{j.DatabaseID(), j.attemptKey(), string(j.Job.Status), j.AllowFailure}
}

func (b *Bridge) fact() Fact {
	return Fact{b.DatabaseID(), AttemptKey{b.Stage, string(b.Name)}, string(b.Bridge.Status), b.AllowFailure}
}

// JobFacts returns the facts of jobs.
func JobFacts(jobs []*Job) []Fact {
	facts := make([]Fact, len(jobs))
	for i, j := range jobs {
		facts[i] = j.fact()
	}
	return facts
}

// Group is a stage: the latest attempt of each of its jobs, by their indices among the facts.
type Group struct {
	Name   string
	Status JobStatus
	Latest []int
}

// GroupByStage groups the jobs, with their earlier attempts, and trigger jobs of a pipeline. Stages
// are in the order in which they run, which is that of the numbers of their first attempts, and so
// are the jobs in them. Only the latest attempt of each job is kept.
func GroupByStage(facts []Fact) []Group {
	order := make([]int, len(facts))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(facts[a].ID, facts[b].ID) })
	latest := make(map[AttemptKey]int64, len(facts))
	for _, i := range order {
		latest[facts[i].AttemptKey] = facts[i].ID
	}
	var groups []Group
	var has []summary
	at := map[string]int{}
	for _, i := range order {
		f := &facts[i]
		n, known := at[f.Stage]
		if !known {
			n = len(groups)
			at[f.Stage], groups, has = n, append(groups, Group{Name: f.Stage}), append(has, 0)
		}
		if latest[f.AttemptKey] == f.ID {
			groups[n].Latest = append(groups[n].Latest, i)
			has[n] |= f.summary()
		}
	}
	for n := range groups {
		groups[n].Status = has[n].status()
	}
	return groups
}

// Stages groups jobs, newest first and with earlier attempts, and trigger jobs by stage.
func Stages(jobs []*Job, bridges []*Bridge) []Stage {
	facts, all := JobFacts(jobs), make([]Processable, 0, len(jobs)+len(bridges))
	for _, j := range jobs {
		all = append(all, j)
	}
	for _, b := range bridges {
		facts, all = append(facts, b.fact()), append(all, b)
	}
	groups := GroupByStage(facts)
	stages := make([]Stage, len(groups))
	for n, g := range groups {
		stages[n] = Stage{Name: g.Name, Jobs: make([]Processable, len(g.Latest))}
		for i, at := range g.Latest {
			stages[n].Jobs[i] = all[at]
		}
	}
	return stages
}

// Latest returns the latest attempt of each of a pipeline's jobs, in their order.
func Latest(jobs []Fact) []Fact {
	latest := make(map[AttemptKey]int64, len(jobs))
	for _, j := range jobs {
		latest[j.AttemptKey] = max(latest[j.AttemptKey], j.ID)
	}
	return slices.DeleteFunc(slices.Clone(jobs), func(j Fact) bool { return latest[j.AttemptKey] != j.ID })
}

// CountStatuses counts jobs by status, in the order in which a job passes through them; those that
// are not known are last.
func CountStatuses(jobs []Fact) []JobStatusCount {
	counts := make([]int, len(Statuses)+1)
	for _, j := range jobs {
		counts[statusIndex(j.Status)]++
	}
	all := []JobStatusCount{}
	for i, n := range counts {
		if n > 0 && i < len(Statuses) {
			all = append(all, JobStatusCount{Status: word[JobStatus](Statuses, Statuses[i]), Count: n})
		} else if n > 0 {
			all = append(all, JobStatusCount{Status: Unknown, Count: n})
		}
	}
	return all
}

// statusIndex returns a status's place in Statuses; that after the last one if it is not known.
func statusIndex(status string) int {
	if i := slices.Index(Statuses, status); i >= 0 {
		return i
	}
	return len(Statuses)
}

// Status returns the composite status of the stage's jobs.
func (s *Stage) Status() JobStatus {
	var has summary
	for _, p := range s.Jobs {
		switch p := p.(type) {
		case *Job:
			f := p.fact()
			has |= f.summary()
		case *Bridge:
			f := p.fact()
			has |= f.summary()
		}
	}
	return has.status()
}
