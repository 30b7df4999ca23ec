// Package process runs a server in a process of its own, so that what it takes can be measured. The
// tests of the whole use it, and the benchmark.
package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// startTime is how long a process may take until it prints its address.
const startTime = 20 * time.Second

// Process is a server that runs in a process of its own, so that what it takes can be measured.
type Process struct {
	Address string // its URL, without a slash at the end
	cmd     *exec.Cmd
	log     Transcript
}

// Start runs a server and waits until it prints the address that it serves. start, where it is not
// nil, starts the command in its own way.
func Start(cmd *exec.Cmd, start func(*exec.Cmd) error) (*Process, error) {
	p := &Process{cmd: cmd}
	cmd.Stderr = &p.log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if start == nil {
		start = (*exec.Cmd).Start
	}
	if err := start(cmd); err != nil {
		return nil, err
	}
	late := time.AfterFunc(startTime, p.kill)
	p.Address = AwaitAddress(out)
	late.Stop()
	if p.Address == "" {
		p.Stop()
		return nil, fmt.Errorf("%s did not start: %s", filepath.Base(cmd.Path), &p.log)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p, nil
}

func (p *Process) kill() { _ = p.cmd.Process.Kill() } // an error says that it has ended

// Stop ends the process at once and waits for it.
func (p *Process) Stop() {
	p.kill()
	_ = p.cmd.Wait()
}

// End asks the process to end, as Ctrl-C does, and waits for it. It returns an error unless the
// process ended by itself and well.
func (p *Process) End() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.Wait()
}

// endTime is how long a process may take to end.
const endTime = time.Minute

// Terminate asks the process to end, as a service manager does.
func (p *Process) Terminate() error { return p.cmd.Process.Signal(syscall.SIGTERM) }

// Wait waits until the process has ended, and returns an error unless it ended well.
func (p *Process) Wait() error {
	late := time.AfterFunc(endTime, p.kill)
	defer late.Stop()
	return p.cmd.Wait()
}

// ID returns the process's number.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// ResetPeak makes Peak count from now on.
func (p *Process) ResetPeak() error {
	return os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.ID()), []byte("5"), 0)
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// Peak returns the most resident memory, in bytes, that the process has had.
func (p *Process) Peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.ID()))
	if err != nil {
		return 0, err
	}
	found := highWater.FindSubmatch(status)
	if found == nil {
		return 0, errors.New("the kernel does not count a process's peak")
	}
	kb, err := strconv.ParseInt(string(found[1]), 10, 64)
	return kb << 10, err
}

// Log returns what the process has logged so far.
func (p *Process) Log() *Transcript { return &p.log }

var openLine = regexp.MustCompile(`open (http://\S+)/`)

// AwaitAddress reads what a server prints until it names the address to open; "" if it never does.
func AwaitAddress(printed io.Reader) string {
	lines := bufio.NewScanner(printed)
	for lines.Scan() {
		if open := openLine.FindStringSubmatch(lines.Text()); open != nil {
			return open[1]
		}
	}
	return ""
}
