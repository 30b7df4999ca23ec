package joblog

import (
	"strings"
	"testing"
)

// step is a section of a log with lines in it.
func step(name string, lines ...string) string {
	return "section_start:1:" + name + end + strings.Join(lines, "\n") + "\nsection_end:2:" + name + end
}

func TestWhyAJobFailed(t *testing.T) {
	for name, c := range map[string]struct {
		log, message, section, lines string
		exitCode                     int
	}{
		"a script": {
			step("get_sources", "Fetching") + step("step_script", "title", "$ make", "one", "two") + step("after_script", "bye") + step("cleanup_file_variables", "clean") + "\x1b[31;1mERROR: Job failed: exit code 2\n\x1b[0;m",
			"Job failed: exit code 2", "step_script", "one two", 2,
		},
		"a shell":             {step("step_script", "a") + "ERROR: Job failed: exit status 7\n", "Job failed: exit status 7", "step_script", "a", 7},
		"kubernetes":          {step("step_script", "a") + "ERROR: Job failed: command terminated with exit code 137\n", "Job failed: command terminated with exit code 137", "step_script", "a", 137},
		"the system":          {step("prepare_executor", "Pulling", "no such image") + "ERROR: Job failed (system failure): failed to pull image\n", "Job failed (system failure): failed to pull image", "prepare_executor", "Pulling no such image", 0},
		"a nested section":    {step("step_script", "a", step("mine", "b")+"c") + "ERROR: Job failed: exit code 1\n", "Job failed: exit code 1", "step_script", "b c", 1},
		"artifacts":           {step("step_script", "a") + step("upload_artifacts_on_success", "too large") + "ERROR: Job failed: exit code 1\n", "Job failed: exit code 1", "upload_artifacts_on_success", "too large", 1},
		"without sections":    {"a\nb\nERROR: Job failed: execution took longer than 1h0m0s seconds\nlater\n", "Job failed: execution took longer than 1h0m0s seconds", "", "b", 0},
		"no failure":          {step("step_script", "a") + "Job succeeded\n", "", "step_script", "a", 0},
		"the job's own words": {step("step_script", "echo ERROR: Job failed", "a") + "Job succeeded\n", "", "step_script", "echo ERROR: Job failed a", 0},
	} {
		f := NewFailure(2)
		p := NewParser(f)
		_, _ = p.Write([]byte(c.log))
		_ = p.Close()
		code, _ := f.ExitCode()
		lines := strings.Join(texts(f.Lines(2)), " ")
		if c.section == "" {
			lines = strings.Join(texts(f.Lines(1)), " ")
		}
		if f.Message() != c.message || f.Section() != c.section || lines != c.lines || code != c.exitCode {
			t.Errorf("%s: %q, %d in %q after %q", name, f.Message(), code, f.Section(), lines)
		}
	}
}
