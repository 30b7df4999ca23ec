//go:build !race

package harness

// RaceDetector reports whether the race detector is on, with which everything is many times slower.
const RaceDetector = false
