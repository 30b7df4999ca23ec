//go:build !race

package e2e

// raceDetector tells that everything is many times slower.
const raceDetector = false
