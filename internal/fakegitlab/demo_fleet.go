package fakegitlab

import (
	"slices"
	"strings"
	"time"
)

// machine is a runner and the one of its managers that runs a job.
type machine struct {
	runner  *Runner
	manager *RunnerManager
}

// demoFleet holds the company's machines by job tag.
type demoFleet map[string][]machine

// newFleet registers runners of every type and status, and managers of every age.
func newFleet(b *Builder, by *User) demoFleet {
	now := b.Now()
	fresh, today, lastMonth := now.Add(-40*time.Second), now.Add(-5*time.Hour), now.AddDate(0, -1, 0)
	manager := func(version, revision, target, executor, ip string, contact time.Time) *RunnerManager {
		platform, architecture, _ := strings.Cut(target, "/")
		return b.RunnerManager(RunnerManager{
			Version: version, Revision: revision, Platform: platform, Architecture: architecture,
			Executor: executor, IPAddress: ip, ContactedAt: contact, Busy: executor == "kubernetes",
		})
	}

	f := demoFleet{}
	docker := b.Runner(Runner{Description: "docker-autoscaler-green", CreatedBy: by, ContactedAt: fresh, Busy: true})
	f.add("docker", docker, manager("18.9.1", "7f9a1d2c", "linux/amd64", "docker", "10.4.0.17", fresh))
	f.add("docker", docker, manager("18.9.1", "7f9a1d2c", "linux/arm64", "docker", "10.4.0.18", fresh))
	f.add("docker", docker, manager("18.6.0", "c3b1f0aa", "linux/amd64", "docker", "10.4.0.11", lastMonth))
	blue := b.Runner(Runner{Description: "docker-autoscaler-blue", Paused: true, CreatedBy: by, ContactedAt: fresh})
	f.add("docker", blue, manager("16.9.0", "656c1943", "linux/amd64", "docker", "10.4.1.7", today))
	k8s := b.Runner(Runner{Description: "gke-europe-west1", Type: "group_type", ContactedAt: fresh, Busy: true})
	f.add("kubernetes", k8s, manager("18.10.0", "f62a4b2f", "linux/amd64", "kubernetes", "10.8.12.3", fresh))
	f.add("kubernetes", k8s, manager("18.10.0", "f62a4b2f", "linux/amd64", "kubernetes", "", fresh))
	mac := b.Runner(Runner{Description: "mac-mini-07", Type: "project_type", Name: "mac-mini-07", ContactedAt: today})
	f.add("macos-14", mac, manager("17.11.2", "8c3e1a4b", "darwin/arm64", "shell", "192.168.7.7", today))
	studio := b.Runner(Runner{Description: "mac-studio-01", Type: "project_type", CreatedBy: by, ContactedAt: fresh})
	f.add("macos-14", studio, manager("18.9.1", "7f9a1d2c", "darwin/arm64", "shell", "192.168.7.21", fresh))
	gpu := b.Runner(Runner{Description: "gpu-a100 (on demand)", Type: "group_type", ContactedAt: lastMonth})
	versionUnknown := b.RunnerManager(RunnerManager{ContactedAt: lastMonth, Executor: "kubernetes"})
	f.add("gpu", gpu, versionUnknown)
	b.Runner(Runner{Description: "windows-2025 (not set up yet)", CreatedAt: now.AddDate(0, 0, -2)})
	return f
}

func (f demoFleet) add(tag string, r *Runner, m *RunnerManager) {
	f[tag] = append(f[tag], machine{r, m})
}

// machineFor returns a random machine for a job's tags.
func (d *demo) machineFor(tags []string) machine {
	for _, tag := range []string{"gpu", "macos-14", "kubernetes", "docker"} {
		if slices.Contains(tags, tag) {
			return pick(d, d.fleet[tag])
		}
	}
	return machine{}
}
