package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"jobgraph/e2e/harness/process"
)

// start runs a server on the first CPU and waits until it prints where it listens.
func start(ctx context.Context, name string, args ...string) (*process.Process, error) {
	return process.Start(exec.CommandContext(ctx, name, args...), startPinned)
}

// host returns the address of a process without its scheme.
func host(p *process.Process) string { return strings.TrimPrefix(p.Address, "http://") }

// cpu returns the CPU time that a process has taken, in the kernel too. The process's own clock is
// finer than the ticks of /proc/PID/stat.
func cpu(p *process.Process) (time.Duration, error) {
	const scheduled = 2 // of clock_getcpuclockid(3): the time of all threads as the scheduler counts it
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^p.ID()<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("CPU time of the process: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// pins reports whether there are CPUs enough to keep server and load apart.
func pins() bool { return runtime.NumCPU() > 1 }

// startPinned starts a command on the first CPU: a process inherits the CPUs of the thread that
// starts it.
func startPinned(cmd *exec.Cmd) error {
	if !pins() {
		return cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, first unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	first.Set(0)
	if err := unix.SchedSetaffinity(0, &first); err != nil {
		return err
	}
	defer func() { _ = unix.SchedSetaffinity(0, &before) }()
	return cmd.Start()
}

// pinSelf moves this process, load and upstream, to all CPUs but the first.
func pinSelf() error {
	if !pins() {
		return nil
	}
	var set unix.CPUSet
	for cpu := 1; cpu < runtime.NumCPU(); cpu++ {
		set.Set(cpu)
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, &set); err != nil {
			return err
		}
	}
	runtime.GOMAXPROCS(runtime.NumCPU() - 1)
	return nil
}
