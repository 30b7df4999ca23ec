package gid

import (
	"strings"
	"testing"
)

func FuzzWhatIsReadIsWhatWouldBeWritten(f *testing.F) {
	for _, seed := range []string{
		Project(1), Job(1, 7), Pipeline(1, 6), Bridge(1, 6, 9), Runner(32), RunnerManager(1), User(1),
		Prefix + "Project/group%2Fapp/Job/7", "", Prefix, Prefix + "Project/01", Prefix + "Project/+1", Prefix + "Project/0", Prefix + "Project/99999999999999999999", Prefix + "Project/1/", Prefix + "Project/1/Job/7/Job/8",
		Prefix + "Job/7", Prefix + "Project/1/Pipeline/6/Job/7", "GID://gitlab/Project/1", Prefix + "Project/1/Job/7 ", Prefix + "Project/\u0661"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := Parse(text)
		if err != nil {
			if len(err.Error()) > 300 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if id.Path != "" {
			if id.Project != 0 || !strings.Contains(id.Path, "/") || strings.Contains("/"+id.Path+"/", "//") ||
				strings.Contains("/"+id.Path+"/", "/../") {
				t.Errorf("%q was read as %+v", text, id)
			}
			return
		}
		written := map[Kind]string{
			KindProject: Project(id.Project), KindJob: Job(id.Project, id.Number),
			KindPipeline: Pipeline(id.Project, id.Number), KindBridge: Bridge(id.Project, id.Pipeline, id.Number),
			KindRunner: Runner(id.Number), KindRunnerManager: RunnerManager(id.Number), KindUser: User(id.Number),
		}[id.Kind]
		if written != text {
			t.Errorf("%q was read as %+v, which is %q", text, id, written)
		}
	})
}
