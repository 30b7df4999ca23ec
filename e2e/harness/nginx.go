package harness

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// FreeAddress returns an address of the loopback that nobody serves at the moment.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// StartNginx runs nginx by the configuration that the repository ships, with other addresses, until
// the test ends. It balances over three replicas and returns its own address.
func StartNginx(t testing.TB, replicas [3]string) string {
	t.Helper()
	shipped, err := os.ReadFile(filepath.Join("..", "deploy", "nginx.conf"))
	if err != nil {
		t.Fatal(err)
	}
	address := FreeAddress(t)
	own := []string{"127.0.0.1:8080", address}
	for i, replica := range replicas {
		own = append(own, "127.0.0.1:808"+strconv.Itoa(i+1), replica)
	}
	folder, err := os.MkdirTemp("", "jobgraph-nginx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	file := filepath.Join(folder, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(own...).Replace(string(shipped))), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("nginx", "-p", folder, "-c", file, "-e", filepath.Join(folder, "nginx.log"), "-g", "daemon off;")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // the master ends its workers
		_ = cmd.Wait()
		if log, _ := os.ReadFile(filepath.Join(folder, "nginx.log")); t.Failed() {
			t.Logf("nginx: %.3000s", log)
		}
	})
	// There is nothing to wait for but its port.
	for deadline := time.Now().Add(Patience); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return "http://" + address
		}
		if time.Now().After(deadline) {
			t.Fatal("nginx does not serve")
		}
	}
}
