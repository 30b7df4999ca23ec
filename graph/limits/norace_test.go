//go:build !race

package limits_test

// slowdown is none without the race detector.
const slowdown = 1
