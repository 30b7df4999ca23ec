package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// process is a server under test, running.
type process struct {
	cmd     *exec.Cmd
	errOut  bytes.Buffer
	address string // host and port
}

var listening = regexp.MustCompile(`http://([^/\s]+)`)

// startTime is how long a server may take to say where it listens.
const startTime = 20 * time.Second

// start runs a server and waits until it says, in its first line, where it listens.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...)}
	p.cmd.Stderr = &p.errOut
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := startPinned(p.cmd); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startTime, func() { _ = p.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	late.Stop()
	found := listening.FindAllStringSubmatch(line, -1)
	if err != nil || len(found) == 0 {
		p.stop()
		return nil, fmt.Errorf("%s did not start: %s%s", filepath.Base(name), line, p.errOut.String())
	}
	p.address = found[len(found)-1][1]
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Kill() // it keeps nothing; an error says that it has ended by itself
	_ = p.cmd.Wait()
}

// cpu is the CPU time that the process has taken, in the kernel too. The process's own clock is finer than the ticks of /proc/PID/stat.
func (p *process) cpu() (time.Duration, error) {
	const whole = 2 // of clock_getcpuclockid(3): the time of all threads as the scheduler counts it
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|whole), &t); err != nil {
		return 0, fmt.Errorf("CPU time of the process: %w", err)
	}
	return time.Duration(t.Nano()), nil
}

// resetPeak makes peak count from now on.
func (p *process) resetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.cmd.Process.Pid), []byte("5"), 0)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most resident memory, in bytes, that the process has had.
func (p *process) peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, fmt.Errorf("no VmHWM in /proc/%d/status", p.cmd.Process.Pid)
	}
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kb << 10, err
}

// pins tells whether there are CPUs enough to keep server and load apart.
func pins() bool { return runtime.NumCPU() > 1 }

// startPinned starts a command on the first CPU: a process inherits the CPUs of the thread that starts it.
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
