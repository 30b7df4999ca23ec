package projection

import (
	"strings"

	"jobgraph/graph/model"
)

// leaf maps a graph field to a REST key of the object that it is read from.
type leaf struct {
	key      string
	nullable bool // where the key is null or left out the field is null; otherwise the executor decides
	write    func(w *writer, r *row, s span)
}

func plainText(key string) leaf    { return leaf{key: key, write: (*writer).text} }
func plainBoolean(key string) leaf { return leaf{key: key, write: (*writer).verbatim} }
func plainInteger(key string) leaf { return leaf{key: key, write: (*writer).verbatim} }
func optionalText(key string) leaf { return leaf{key: key, nullable: true, write: (*writer).text} }
func optionalNumber(key string) leaf {
	return leaf{key: key, nullable: true, write: (*writer).verbatim}
}
func optionalBool(key string) leaf { return leaf{key: key, nullable: true, write: (*writer).verbatim} }

// word is a leaf whose values are an enum's.
func word(key string, known []string) leaf {
	quoted := map[string][]byte{}
	for _, w := range known {
		quoted[`"`+w+`"`] = []byte(`"` + strings.ToUpper(w) + `"`)
	}
	unknown := []byte(`"` + model.Unknown + `"`)
	return leaf{key: key, write: func(w *writer, r *row, s span) {
		if known, ok := quoted[string(r.bytes(s))]; ok {
			w.out = append(w.out, known...)
		} else {
			w.out = append(w.out, unknown...)
		}
	}}
}

// leaves are the fields that are one REST key each, by type. It is the graph's mapping said once more, as data; the differential test holds it
// to the model's.
func leaves() map[string]map[string]leaf {
	return merged(processableLeaves(), runnerLeaves(), map[string]map[string]leaf{
		// What a stub may lack is no nullable leaf: where it is missing, the executor loads the whole pipeline.
		"Pipeline": {
			"databaseId": plainInteger("id"),
			"iid":        plainInteger("iid"),
			"ref":        optionalText("ref"),
			"sha":        plainText("sha"),
			"status":     word("status", model.Statuses),
			"source":     plainText("source"),
			"createdAt":  plainText("created_at"),
			"updatedAt":  plainText("updated_at"),
			"webUrl":     plainText("web_url"),
		},
		"Project": {
			"fullPath":               optionalText("path_with_namespace"),
			"webUrl":                 optionalText("web_url"),
			"ciJobTokenScopeEnabled": optionalBool("ci_job_token_scope_enabled"),
		},
		"ArtifactsFile": {
			"filename": plainText("filename"),
			"size":     optionalNumber("size"),
		},
		"Artifact": {
			"fileType":   plainText("file_type"),
			"fileFormat": optionalText("file_format"),
			"filename":   plainText("filename"),
			"size":       optionalNumber("size"),
		},
		"Commit": commitLeaves(),
		"User":   userLeaves(),
	})
}

// processableLeaves are those of jobs and bridges.
func processableLeaves() map[string]map[string]leaf {
	processable := map[string]leaf{
		"databaseId":     plainInteger("id"),
		"name":           plainText("name"),
		"stage":          plainText("stage"),
		"status":         word("status", model.Statuses),
		"ref":            plainText("ref"),
		"tag":            plainBoolean("tag"),
		"coverage":       optionalNumber("coverage"),
		"allowFailure":   plainBoolean("allow_failure"),
		"failureReason":  optionalText("failure_reason"),
		"createdAt":      plainText("created_at"),
		"startedAt":      optionalText("started_at"),
		"finishedAt":     optionalText("finished_at"),
		"erasedAt":       optionalText("erased_at"),
		"duration":       optionalNumber("duration"),
		"queuedDuration": optionalNumber("queued_duration"),
		"webUrl":         plainText("web_url"),
	}
	return map[string]map[string]leaf{
		"Job": merged(processable, map[string]leaf{
			"archived":          plainBoolean("archived"),
			"artifactsExpireAt": optionalText("artifacts_expire_at"),
		}),
		"Bridge": merged(processable, map[string]leaf{
			"archived": optionalBool("archived"),
		}),
	}
}

// runnerLeaves are those of runners and their managers.
func runnerLeaves() map[string]map[string]leaf {
	return map[string]map[string]leaf{
		"Runner": {
			"databaseId":         plainInteger("id"),
			"description":        optionalText("description"),
			"name":               optionalText("name"),
			"runnerType":         word("runner_type", model.RunnerTypes),
			"status":             word("status", model.RunnerStatuses),
			"isShared":           plainBoolean("is_shared"),
			"paused":             plainBoolean("paused"),
			"active":             plainBoolean("active"),
			"online":             optionalBool("online"),
			"ipAddress":          optionalText("ip_address"),
			"createdAt":          optionalText("created_at"),
			"jobExecutionStatus": optionalText("job_execution_status"),
		},
		"RunnerManager": {
			"databaseId":         plainInteger("id"),
			"systemId":           plainText("system_id"),
			"version":            optionalText("version"),
			"revision":           optionalText("revision"),
			"platform":           optionalText("platform"),
			"architecture":       optionalText("architecture"),
			"createdAt":          optionalText("created_at"),
			"contactedAt":        optionalText("contacted_at"),
			"ipAddress":          optionalText("ip_address"),
			"status":             word("status", model.RunnerStatuses),
			"jobExecutionStatus": optionalText("job_execution_status"),
		},
	}
}

func commitLeaves() map[string]leaf {
	return map[string]leaf{
		"sha":            plainText("id"),
		"shortSha":       plainText("short_id"),
		"title":          plainText("title"),
		"message":        plainText("message"),
		"authorName":     plainText("author_name"),
		"authorEmail":    plainText("author_email"),
		"createdAt":      plainText("created_at"),
		"webUrl":         optionalText("web_url"),
		"authoredDate":   optionalText("authored_date"),
		"committerName":  optionalText("committer_name"),
		"committerEmail": optionalText("committer_email"),
		"committedDate":  optionalText("committed_date"),
	}
}

func userLeaves() map[string]leaf {
	return map[string]leaf{
		"databaseId":      plainInteger("id"),
		"username":        plainText("username"),
		"name":            plainText("name"),
		"state":           plainText("state"),
		"avatarUrl":       optionalText("avatar_url"),
		"webUrl":          optionalText("web_url"),
		"createdAt":       optionalText("created_at"),
		"bio":             optionalText("bio"),
		"location":        optionalText("location"),
		"publicEmail":     optionalText("public_email"),
		"organization":    optionalText("organization"),
		"websiteUrl":      optionalText("website_url"),
		"linkedin":        optionalText("linkedin"),
		"twitter":         optionalText("twitter"),
		"skype":           optionalText("skype"),
		"discord":         optionalText("discord"),
		"github":          optionalText("github"),
		"jobTitle":        optionalText("job_title"),
		"pronouns":        optionalText("pronouns"),
		"workInformation": optionalText("work_information"),
		"locked":          optionalBool("locked"),
		"bot":             optionalBool("bot"),
		"followers":       optionalNumber("followers"),
		"following":       optionalNumber("following"),
		"isFollowed":      optionalBool("is_followed"),
		"localTime":       optionalText("local_time"),
	}
}

func merged[V any](maps ...map[string]V) map[string]V {
	all := map[string]V{}
	for _, m := range maps {
		for name, v := range m {
			all[name] = v
		}
	}
	return all
}

// nested are the fields that are an object inside the REST object, null where that is null or left out: their REST key and graph type.
func nested() map[string]map[string]nestedObject {
	processable := map[string]nestedObject{
		"commit": {"commit", "Commit"},
		"user":   {"user", "User"},
	}
	return map[string]map[string]nestedObject{
		"Job": {
			"commit":        processable["commit"],
			"user":          processable["user"],
			"artifactsFile": {"artifacts_file", "ArtifactsFile"},
			"runner":        {"runner", "Runner"},
			"runnerManager": {"runner_manager", "RunnerManager"},
		},
		"Bridge": processable,
		"Runner": {"createdBy": {"created_by", "User"}},
	}
}

type nestedObject struct{ key, typeName string }

// implements lists the interfaces of each type, as the executor collects fields for it.
func implements(typeName string) []string {
	switch typeName {
	case "Job", "Bridge":
		return []string{typeName, "Node", "Processable"}
	case "Project", "Pipeline":
		return []string{typeName, "Node"}
	}
	return []string{typeName}
}
