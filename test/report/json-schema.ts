interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

const KNOWN = new Set(['$schema', '$id', '$ref', '$defs', 'title', 'description', 'type', 'const', 'enum', 'anyOf', 'properties', 'required', 'additionalProperties', 'items', 'minimum', 'maximum', 'pattern']); // prettier-ignore

/** What in a value does not fit a JSON schema, as far as our published ones use the language; other words are refused. */
export function misfits(root: Schema, value: unknown, schema: Schema = root, place = '$'): string[] {
  const foreign = Object.keys(schema).filter((word) => !KNOWN.has(word));
  if (foreign.length > 0) throw new Error(`The checker does not know ${foreign.join(', ')}.`);
  const within = (inner: Schema, one: unknown, where: string): string[] => misfits(root, one, inner, where);
  if (schema.$ref !== undefined) {
    const found = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    if (found === undefined) throw new Error(`${schema.$ref} leads nowhere.`);
    return within(found, value, place);
  }
  if (schema.anyOf?.every((one) => within(one, value, place).length > 0) === true) return [`${place}: fits none`];
  if ('const' in schema && value !== schema.const) return [`${place}: not ${String(schema.const)}`];
  if (schema.enum?.includes(value) === false) return [`${place}: ${String(value)} is not one of the list`];
  if (schema.type !== undefined && !isOfType(schema.type, value)) return [`${place}: is no ${schema.type}`];
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))
      return [`${place}: out of bounds`];
  }
  if (typeof value === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value)) {
    return [`${place}: does not match`];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((one, at) => within(items, one, `${place}[${at}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const lacking = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${place}: lacks ${name}`);
  const inside = Object.entries(value).flatMap(([name, one]) => {
    const inner = schema.properties?.[name] ?? schema.additionalProperties ?? true;
    if (inner === false) return [`${place}: ${name} is unknown`];
    return inner === true ? [] : within(inner, one, `${place}.${name}`);
  });
  return [...lacking, ...inside];
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
