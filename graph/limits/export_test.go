package limits

// Kept is how many documents are kept, and their memory.
func (d *Documents) Kept() (documents, bytes int) { return d.kept.Len(), d.bytes }

// CheckMerging is checkMerging.
var CheckMerging = checkMerging

// CheckVariables is checkVariables.
var CheckVariables = checkVariables

// ValueLength is for tests.
var ValueLength = valueLength
