//go:build race

package main

// raceDetector tells that everything is many times slower.
const raceDetector = true
