package mapping

import (
	"reflect"

	"jobgraph/graph/gid"
	"jobgraph/graph/model"
	"jobgraph/restclient"
)

// object maps a type of the graph to REST.
type object struct {
	rest  reflect.Type // REST's JSON
	model reflect.Type // what gqlgen binds the type to
	// addressed objects have an address of their own, so that an embedded one answers more fields than
	// its keys do.
	addressed bool
	// partial objects come as stubs: a nullable field that a stub lacks is read by the object's own
	// REST call, unless every stub has it.
	partial bool
	carried []string
}

func objectOf[REST, Model any]() object {
	return object{rest: reflect.TypeFor[REST](), model: reflect.TypeFor[Model]()}
}

// objects are the types whose objects are REST objects.
var objects = map[string]object{
	"Job":           objectOf[restclient.Job, model.Job](),
	"Bridge":        objectOf[restclient.Bridge, model.Bridge](),
	"Pipeline":      {reflect.TypeFor[restclient.Pipeline](), reflect.TypeFor[model.Pipeline](), true, true, []string{"ref"}},
	"Project":       {reflect.TypeFor[restclient.Project](), reflect.TypeFor[model.Project](), true, true, nil},
	"Commit":        objectOf[restclient.Commit, model.Commit](),
	"User":          objectOf[restclient.User, model.User](),
	"Runner":        objectOf[restclient.Runner, model.Runner](),
	"RunnerManager": objectOf[restclient.RunnerManager, model.RunnerManager](),
	"Artifact":      objectOf[restclient.Artifact, model.Artifact](),
	"ArtifactsFile": objectOf[restclient.ArtifactsFile, restclient.ArtifactsFile](),
}

// renames are the graph fields that have another name than their REST struct's field.
var renames = map[string]string{
	"*.databaseId":      "ID",
	"Commit.sha":        "ID",
	"Commit.shortSha":   "ShortID",
	"Commit.parentShas": "ParentIDs",
	"Job.tags":          "TagList",
	"Project.fullPath":  "PathWithNamespace",
}

// globalIDs are the types whose global IDs are made from their own number alone.
var globalIDs = map[string]func(int64) string{
	"Runner":        gid.Runner,
	"RunnerManager": gid.RunnerManager,
	"User":          gid.User,
}
