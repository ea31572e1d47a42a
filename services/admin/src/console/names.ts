/** Names of administrators by their ids, as far as they are known. */
export type Names = ReadonlyMap<string, string>

/** Who did something: an administrator by name, a provider as such, anybody else by id. */
export function nameOf(id: string, names: Names): string {
  return names.get(id) ?? (id.startsWith('provider:') ? `the provider ${id.slice(9)}` : id)
}
