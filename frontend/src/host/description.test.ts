// The description of the HTTP API, held against the specification by its own schema.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';

const text = readFileSync(join(import.meta.dirname, '../../../backend/openapi/openapi.json'), 'utf8');

test('the description is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  const result = await validator.validate(text);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

test('what is not valid is refused', async () => {
  const doc = JSON.parse(text) as { paths: Record<string, unknown> };
  doc.paths['/api/v1/count'] = { post: { responses: 3 } };
  expect((await new Validator().validate(doc)).valid).toBe(false);
});
