import type { BinaryOp } from '../syntax/ast.ts';
import { goPow } from '../functions/math.ts';

/** Arithmetic on two floats. */
export const ARITHMETIC: ReadonlyMap<BinaryOp, (a: number, b: number) => number> = new Map([
  ['+', (a: number, b: number) => a + b],
  ['-', (a: number, b: number) => a - b],
  ['*', (a: number, b: number) => a * b],
  ['/', (a: number, b: number) => a / b],
  ['%', (a: number, b: number) => a % b],
  ['^', goPow],
  ['atan2', Math.atan2],
]);

/** Comparisons of two floats. */
export const COMPARISON: ReadonlyMap<BinaryOp, (a: number, b: number) => boolean> = new Map([
  ['==', (a: number, b: number) => a === b],
  ['!=', (a: number, b: number) => a !== b],
  ['<', (a: number, b: number) => a < b],
  ['>', (a: number, b: number) => a > b],
  ['<=', (a: number, b: number) => a <= b],
  ['>=', (a: number, b: number) => a >= b],
]);
