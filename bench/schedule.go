package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"jobgraph/bench/capacity"
)

// act is one thing that somebody does in a replayed day.
type act struct {
	at   time.Duration // from the day's beginning
	kind capacity.Kind // of a request; "" for a watch
	open int           // of watches: 1 opens one, -1 closes the oldest
	who  int           // whose token it is
}

// schedule plans a day whose hours are cut to a length. Rates are those of the hour: nothing is
// faster than on a real day, there is only less of each hour. Equal seeds make equal schedules.
func schedule(c capacity.Company, part capacity.Part, hour time.Duration, seed uint64) []act {
	s := scheduler{random: rand.New(rand.NewPCG(seed, 0)), company: c, hour: hour}
	for i, factor := range capacity.Hours {
		s.begin = time.Duration(i) * hour
		if part == capacity.Whole || part == capacity.Pages {
			s.requests(factor)
		}
		if part != capacity.Pages {
			s.watches(factor)
		}
	}
	slices.SortStableFunc(s.acts, func(a, b act) int { return int(a.at - b.at) })
	return s.acts
}

type scheduler struct {
	random  *rand.Rand
	company capacity.Company
	hour    time.Duration
	begin   time.Duration // of the hour
	open    int           // watches
	acts    []act
}

// arrivals calls f at random times of the hour, so many a second in the mean.
func (s *scheduler) arrivals(rate float64, f func(time.Duration)) {
	if rate <= 0 {
		return
	}
	for at := 0.0; ; {
		at += s.random.ExpFloat64() / rate
		if at >= s.hour.Seconds() {
			return
		}
		f(s.begin + time.Duration(at*float64(time.Second)))
	}
}

func (s *scheduler) requests(factor float64) {
	rates := s.company.Requests(factor)
	for _, kind := range capacity.Kinds {
		s.arrivals(rates[kind], func(at time.Duration) {
			s.acts = append(s.acts, act{at: at, kind: kind, who: s.developer()})
		})
	}
}

// watches opens or closes as many watches as the hour has more or less than the one before. Then it
// replaces each after its time in the mean.
func (s *scheduler) watches(factor float64) {
	want := int(s.company.Watched(factor) + 0.5)
	for ; s.open < want; s.open++ {
		s.acts = append(s.acts, act{at: s.begin, open: 1, who: s.developer()})
	}
	for ; s.open > want; s.open-- {
		s.acts = append(s.acts, act{at: s.begin, open: -1})
	}
	s.arrivals(float64(want)/capacity.WatchTime.Seconds(), func(at time.Duration) {
		s.acts = append(s.acts, act{at: at, open: -1}, act{at: at, open: 1, who: s.developer()})
	})
}

func (s *scheduler) developer() int { return s.random.IntN(s.company.Developers) }
