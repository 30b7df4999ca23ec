package gid

import "testing"

func TestParseReadsWhatIsBuilt(t *testing.T) {
	const large = 1<<63 - 1
	for built, want := range map[string]ID{
		Project(1):           {Kind: KindProject, Project: 1, Number: 1},
		Job(1, large):        {Kind: KindJob, Project: 1, Number: large},
		Pipeline(1, 6):       {Kind: KindPipeline, Project: 1, Pipeline: 6, Number: 6},
		Bridge(1, 6, 9):      {Kind: KindBridge, Project: 1, Pipeline: 6, Number: 9},
		Runner(32):           {Kind: KindRunner, Number: 32},
		RunnerManager(1):     {Kind: KindRunnerManager, Number: 1},
		User(large):          {Kind: KindUser, Number: large},
		Prefix + "Project/1": {Kind: KindProject, Project: 1, Number: 1},

		Prefix + "Project/group%2Fapp":                     {Kind: KindProject, Path: "group/app"},
		Prefix + "Project/group%2fsub.group%2fapp/Job/7":   {Kind: KindJob, Path: "group/sub.group/app", Number: 7},
		Prefix + "Project/group%2Fapp/Pipeline/6":          {Kind: KindPipeline, Path: "group/app", Pipeline: 6, Number: 6},
		Prefix + "Project/group%2Fapp/Pipeline/6/Bridge/9": {Kind: KindBridge, Path: "group/app", Pipeline: 6, Number: 9},
	} {
		got, err := Parse(built)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v; want %+v", built, got, err, want)
		}
	}
}

func TestIDsAreTheDocumentedURIs(t *testing.T) {
	for got, want := range map[string]string{
		Job(1, 7):       "gid://gitlab/Project/1/Job/7",
		Pipeline(1, 6):  "gid://gitlab/Project/1/Pipeline/6",
		Bridge(1, 6, 9): "gid://gitlab/Project/1/Pipeline/6/Bridge/9",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParseRefusesWhatIsNotBuilt(t *testing.T) {
	for _, s := range []string{
		"", "7", "gid://gitlab/", "gid://gitlab/Project", "gid://gitlab/Project/", "gid://gitlab/project/1", "gid://gitlab/Project/1/", "gid://gitlab//1",
		"gid://gitlab/Project/0", "gid://gitlab/Project/-1", "gid://gitlab/Project/+1", "gid://gitlab/Project/01", "gid://gitlab/Project/1.0",
		"gid://gitlab/Project/ 1", "gid://gitlab/Project/9223372036854775808", "gid://gitlab/Project/١", "gid://gitlab/Job/7", "gid://gitlab/Ci::Build/7",
		"gid://gitlab/Project/1/Bridge/9", "gid://gitlab/Project/1/Pipeline/6/Job/9", "gid://gitlab/Project/1/Pipeline/6/Bridge/9/Job/1",
		"gid://gitlab.com/Project/1", "GID://gitlab/Project/1", "gid://gitlab/Project/1?x=1", "gid://gitlab/Project/1%2F..",
		"gid://gitlab/Project/app", "gid://gitlab/Project/group/app", "gid://gitlab/Project/group%2F", "gid://gitlab/Project/%2Fapp", "gid://gitlab/Project/a%2Fb/Job/c%2Fd",
		"gid://gitlab/Project/a%2", "gid://gitlab/Runner/a%2Fb",
	} {
		if id, err := Parse(s); err == nil {
			t.Errorf("%q is %+v", s, id)
		}
	}
}
