package plan

import "github.com/99designs/gqlgen/graphql"

type fieldCompiler func(*scope, graphql.CollectedField) Field

// connection compiles a selection on a connection of the nodes of a scope.
func (c *compilation) connection(f graphql.CollectedField, node *scope, field fieldCompiler) *Connection {
	connection := &Connection{Node: node.typeName}
	for n, selected := range c.collect(f.Selections, node.typeName+"Connection") {
		compiled := c.connectionField(selected, node, field)
		compiled.Key = responseKey(n, selected)
		connection.Fields = append(connection.Fields, compiled)
	}
	return connection
}

func (c *compilation) connectionField(f graphql.CollectedField, node *scope, field fieldCompiler) ConnectionField {
	compiled := ConnectionField{Name: f.Name}
	switch f.Name {
	case "nodes":
		compiled.Nodes = c.object(c.placed(node, f), f.Selections, field)
	case "edges":
		compiled.Edges = c.edge(f, node, field)
	case "pageInfo":
		for n, selected := range c.collect(f.Selections, "PageInfo") {
			compiled.PageInfo = append(compiled.PageInfo, PageInfoField{responseKey(n, selected), selected.Name})
		}
	case "totalCount", "__typename":
	default:
		c.failed = true
	}
	return compiled
}

func (c *compilation) edge(f graphql.CollectedField, node *scope, field fieldCompiler) []EdgeField {
	var fields []EdgeField
	for n, selected := range c.collect(f.Selections, node.typeName+"Edge") {
		one := EdgeField{Key: responseKey(n, selected), Name: selected.Name}
		switch selected.Name {
		case "node":
			one.Node = c.object(c.placed(node, selected), selected.Selections, field)
		case "cursor", "__typename":
		default:
			c.failed = true
		}
		fields = append(fields, one)
	}
	return fields
}

// placed returns the scope of a connection's nodes in one of the two places where they can be
// selected: which lists a pipeline's fields share depends on those that are selected there.
func (c *compilation) placed(node *scope, f graphql.CollectedField) *scope {
	if node.typeName != "Pipeline" {
		return node
	}
	at := *node
	return c.pipelineScope(&at, c.collect(f.Selections, node.typeName))
}
