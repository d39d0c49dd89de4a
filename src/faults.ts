import type { z } from 'zod';
import type { FieldFault } from './errors';

/** A body with thousands of wrong items is not answered with thousands of faults, unless somebody has to repair them. */
export const FAULTS_MAX = 100;

/** One fault for every issue, with an RFC 6901 pointer; an unknown field is its own fault. */
export function toFaults(error: z.ZodError, faultsMax = FAULTS_MAX): FieldFault[] {
  return error.issues.flatMap((issue) => faultsOf(issue, issue.path)).slice(0, faultsMax);
}

function faultsOf(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): FieldFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), detail: 'is not a known field' }));
  }
  const meant = issue.code === 'invalid_union' ? issue.errors.find(hasRightType) : undefined;
  if (meant) return meant.flatMap((inner) => faultsOf(inner, [...path, ...inner.path]));
  return [{ pointer: pointerTo(path), detail: issue.message }];
}

/** Of several forms that a field may have, the one that was meant. */
function hasRightType(issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every((issue) => issue.code !== 'invalid_type' || issue.path.length > 0);
}

/** RFC 6901: `~` and `/` inside a name are escaped. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
