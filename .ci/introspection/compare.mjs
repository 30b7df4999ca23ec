// Compares, key by key, a gateway's introspection with what graphql-js answers for its printed schema.
// Usage: node compare.mjs ADDRESS
import { isDeepStrictEqual } from 'node:util'
import * as v16 from 'graphql16'
import * as v17 from 'graphql17'

const address = process.argv[2]
const sdl = await (await fetch(`${address}/schema.graphql`)).text()
const options = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true }
let differences = 0

function compare(at, want, got) {
  if (isDeepStrictEqual(want, got)) return
  if (want !== null && got !== null && typeof want === 'object' && typeof got === 'object' && Array.isArray(want) === Array.isArray(got)) {
    for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) compare(`${at}.${key}`, want[key], got[key])
    return
  }
  differences++
  console.error(`${at}: ${JSON.stringify(got)}, want ${JSON.stringify(want)}`)
}

const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID'])

// comparable makes objects of the lists whose order the specification leaves open, and leaves out what a schema does not say: the
// words for built-in scalars, and the types and directives of the specification itself, of which each library has its own draft.
function comparable({ __schema: { types, directives, ...rest } }) {
  const named = (list) => Object.fromEntries(list.map((one) => [one.name, one]))
  const ours = types.filter((t) => !t.name.startsWith('__')).map((t) => (builtIn.has(t.name) ? { ...t, description: '' } : t))
  const standard = directives.map(({ name, locations, isRepeatable, args }) => ({
    name, isRepeatable, locations: [...locations].sort(), args: args.map((a) => a.name),
  }))
  return { ...rest, types: named(ours), directives: named(standard) }
}

for (const [name, js] of [['graphql-js 16', v16], ['graphql-js 17', v17]]) {
  const want = js.introspectionFromSchema(js.buildSchema(sdl), options)
  const answer = await fetch(`${address}/graphql`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query: js.getIntrospectionQuery(options) }),
  })
  const { data, errors } = await answer.json()
  if (errors) throw new Error(JSON.stringify(errors))
  js.buildClientSchema(data)
  compare(name, comparable(want), comparable(data))
}
if (differences > 0) process.exit(1)
console.log('the introspection is what graphql-js answers')
