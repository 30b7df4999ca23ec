//go:build race

package limits_test

// slowdown is what the race detector costs.
const slowdown = 10
