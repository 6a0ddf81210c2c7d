export type * from './ast.ts';
export { FUNCTIONS } from './functions-table.ts';
export type { FunctionSignature } from './functions-table.ts';
