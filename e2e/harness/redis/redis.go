// Package redis runs a real redis-server on loopback, which a test can stop, pause and start again.
package redis

import (
	"bufio"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Password is what clients must give.
const Password = "redis-password-of-a-test"

// Server is a redis-server.
type Server struct {
	t    testing.TB
	port string
	cmd  *exec.Cmd

	mu       sync.Mutex
	commands strings.Builder
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, port: strconv.Itoa(l.Addr().(*net.TCPAddr).Port)}
	_ = l.Close()
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// URL returns the server's address as -redis-url takes it.
func (s *Server) URL() string { return "redis://:" + Password + "@127.0.0.1:" + s.port }

// Run starts the server, again after Kill with nothing in it, and waits until it answers.
func (s *Server) Run() {
	s.t.Helper()
	s.cmd = exec.Command("redis-server", "--port", s.port, "--bind", "127.0.0.1", "--requirepass", Password,
		"--save", "", "--appendonly", "no", "--dir", s.t.TempDir())
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.monitor()
}

// monitor notes every command that the server gets from now on.
func (s *Server) monitor() {
	s.t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		c, err := net.Dial("tcp", "127.0.0.1:"+s.port)
		if err == nil {
			fmt.Fprintf(c, "AUTH %s\r\nMONITOR\r\n", Password)
			lines := bufio.NewReader(c)
			first, _ := lines.ReadString('\n')
			second, _ := lines.ReadString('\n')
			if first == "+OK\r\n" && second == "+OK\r\n" {
				go s.note(lines)
				return
			}
			_ = c.Close()
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("redis-server does not answer: %v", err)
		}
		time.Sleep(10 * time.Millisecond) // there is nothing to wait for but its port
	}
}

func (s *Server) note(lines *bufio.Reader) {
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		s.mu.Lock()
		s.commands.WriteString(line)
		s.mu.Unlock()
	}
}

// Commands returns every command that the server got, one a line.
func (s *Server) Commands() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commands.String()
}

// Kill ends the server at once.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// Pause makes the server hang, with its connections open.
func (s *Server) Pause() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume() { _ = s.cmd.Process.Signal(syscall.SIGCONT) }
